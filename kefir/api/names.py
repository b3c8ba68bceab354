"""What a field is called outside. It knows nothing of HTTP: archives use these names, too."""


def camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)
