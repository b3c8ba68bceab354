"""What clients name things with, in addresses."""


class DeviceIdConverter:
    """Any one line: apps choose these names, and some have a slash in them."""

    regex = r"[^\x00-\x1f\x7f]{1,200}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
