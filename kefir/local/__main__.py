import os
import sys
from pathlib import Path

from kefir.local.console import Console
from kefir.local.refusals import Refusal
from kefir.local.supervisor import Requests, Supervisor


def main() -> int:
    requests = Requests()
    requests.listen()
    try:
        return Supervisor(Path.cwd(), dict(os.environ), Console(), requests).run()
    except Refusal as refusal:
        print(f"Kefir cannot start: {refusal}", file=sys.stderr, flush=True)
        return 1


if __name__ == "__main__":
    sys.exit(main())
