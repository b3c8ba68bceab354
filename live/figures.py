"""What an operator sees of the streams, in Prometheus' language. Of this process alone: they live nowhere else."""

import time
from dataclasses import dataclass

# Whoever has not looked for so long is not well.
STALE_AFTER = 15.0


@dataclass
class Figures:
    opened: int = 0
    refused: int = 0
    told: int = 0
    looks: int = 0
    failures: int = 0
    last_look: float = 0.0

    def looked(self) -> None:
        self.looks += 1
        self.last_look = time.monotonic()

    def failed(self) -> None:
        self.failures += 1

    @property
    def is_well(self) -> bool:
        return time.monotonic() - self.last_look < STALE_AFTER

    def text(self, streams: int) -> str:
        counted = [
            ("streams", "gauge", "Pages that listen just now.", streams),
            ("streams_opened_total", "counter", "Streams that were opened.", self.opened),
            ("streams_refused_total", "counter", "Streams refused because there are too many.", self.refused),
            ("messages_total", "counter", "Messages that said something changed.", self.told),
            ("looks_total", "counter", "Times it was looked what changed.", self.looks),
            ("failures_total", "counter", "Times the database did not answer that.", self.failures),
        ]
        return "".join(
            f"# HELP kefir_live_{name} {what}\n# TYPE kefir_live_{name} {kind}\nkefir_live_{name} {value}\n"
            for name, kind, what, value in counted
        )
