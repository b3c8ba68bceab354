"""What the person at the keyboard can mend, said in one line."""


class Refusal(Exception):
    pass
