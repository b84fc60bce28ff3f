"""What goes wrong with which call: by script first, then by chance."""

from dataclasses import dataclass, field

from lanewise.world.luck import luck
from lanewise.world.spec import Fault, FaultSpec, ScriptedFault

ANY_OPERATION = "*"


@dataclass
class _Script:
    fault: ScriptedFault
    seen: int = 0

    def matches(self, operation: str) -> bool:
        """Count the call, and tell whether it is one that goes wrong."""
        if self.fault.operation not in (ANY_OPERATION, operation):
            return False
        self.seen += 1
        return self.fault.nth <= self.seen < self.fault.nth + self.fault.times

    @property
    def spent(self) -> bool:
        return self.seen >= self.fault.nth + self.fault.times - 1


@dataclass
class Faults:
    """The next misfortune of each operation; it remembers what it did."""

    spec: FaultSpec
    seed: int = 0
    calls: dict[str, int] = field(default_factory=dict)
    injected: dict[str, dict[str, int]] = field(default_factory=dict)
    _scripts: list[_Script] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._scripts = [_Script(fault) for fault in self.spec.scripted]
        self._dice = luck(self.seed, "faults")

    def script(self, fault: ScriptedFault) -> None:
        """Add a scripted fault; its count begins now."""
        self._scripts.append(_Script(fault))

    def clear(self) -> None:
        """Forget every script that has not come true."""
        self._scripts = []

    @property
    def scripted(self) -> int:
        return len(self._scripts)

    def draw(self, operation: str) -> ScriptedFault | None:
        """Say what goes wrong with this call of the operation, if anything."""
        self.calls[operation] = self.calls.get(operation, 0) + 1
        drawn = self._by_script(operation) or self._by_chance(operation)
        if drawn is not None:
            counts = self.injected.setdefault(operation, {})
            counts[drawn.fault] = counts.get(drawn.fault, 0) + 1
        return drawn

    def latency_s(self) -> float:
        """Draw how long this call takes, in real seconds."""
        low, high = self.spec.latency_min_ms, self.spec.latency_max_ms
        return self._dice.uniform(low, max(low, high)) / 1000 if high else 0.0

    def _by_script(self, operation: str) -> ScriptedFault | None:
        hits = [script for script in self._scripts if script.matches(operation)]
        self._scripts = [script for script in self._scripts if not script.spent]
        return hits[0].fault if hits else None

    def _by_chance(self, operation: str) -> ScriptedFault | None:
        allowed = self.spec.operations
        if not self.spec.permille or (allowed is not None and operation not in allowed):
            return None
        throw = self._dice.random() * 1000
        for fault in sorted(self.spec.permille):
            throw -= self.spec.permille[fault]
            if throw < 0:
                return ScriptedFault(operation=operation, fault=Fault(fault))
        return None
