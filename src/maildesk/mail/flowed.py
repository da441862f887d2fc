"""format=flowed (RFC 3676): lines that the sender's program broke are whole again."""


def joined(text: str, delsp: bool = False) -> str:
    """The text with each paragraph on one line, quote marks kept. With `delsp` the blank at a soft break goes too."""
    out: list[str] = []
    open_depth = -1  # quote depth of a line that goes on, -1 when none does
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        soft = bare.endswith(" ") and bare != "-- "
        kept = bare[:-1] if soft and delsp else bare
        if depth == open_depth and bare != "-- ":
            out.append(kept)
        else:
            out.append(f"\n{'>' * depth} {kept}" if depth else f"\n{kept}")
        open_depth = depth if soft else -1
    return "".join(out).removeprefix("\n")
