"""How figures are printed."""

from collections.abc import Mapping


def figures(title: str, values: Mapping[str, str]) -> None:
    """A titled list."""
    print(f"\n{title}")
    width = max(map(len, values))
    for name, value in values.items():
        print(f"  {name:<{width}}  {value}")
