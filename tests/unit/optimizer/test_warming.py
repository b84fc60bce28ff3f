"""What a worker compiles before its first order."""

import pkgutil
from importlib import import_module
from types import ModuleType

from numba.core.registry import CPUDispatcher

import optimizer
from optimizer.plan import plan
from optimizer.warming import warm
from tests.random_problems import a_random_problem


def modules() -> list[ModuleType]:
    found = pkgutil.walk_packages(optimizer.__path__, "optimizer.")
    return [import_module(module.name) for module in found]


def compiled() -> dict[str, int]:
    """Count what each kernel was compiled for."""
    return {
        f"{module.__name__}.{name}": len(kernel.signatures)
        for module in modules()
        for name, kernel in vars(module).items()
        if isinstance(kernel, CPUDispatcher)
    }


def test_the_first_orders_of_a_warm_worker_wait_for_no_compiler() -> None:
    warm()
    before = compiled()

    for seed in range(8):
        plan(a_random_problem(seed))

    late = {name for name, count in compiled().items() if count > before[name]}
    assert late == set()
