"""What may go wrong between us and the bucket. A sentence for staff; `permanent` says whether trying again helps."""


class BucketFailed(Exception):
    def __init__(self, sentence: str, *, permanent: bool = False) -> None:
        super().__init__(sentence)
        self.permanent = permanent


class NotThere(BucketFailed):
    """No object has this key."""


class Changed(BucketFailed):
    """It is not the object any more that was looked at."""


class Unsupported(BucketFailed):
    """This server has no such thing."""
