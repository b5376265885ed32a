"""Colours and shapes that tell many groups apart, for colour-blind readers too."""

# Okabe and Ito (2008) without black and yellow, which vanish on dark and on light ground, and four colours that keep
# their distance from these and from grey with any colour vision.
COLOURS = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#9B6FFF", "#90BC85", "#C81616", "#BC2C90",
)  # fmt: skip
# Matplotlib's markers; the page draws the same. The first ten groups are circles, the next ten triangles.
SHAPES = ("o", "^", "s", "D", "P", "X", "v", "*")
# The same as outlines (SVG) around 0, 0, for pages.
OUTLINES = {
    "o": "M-1 0A1 1 0 1 0 1 0A1 1 0 1 0-1 0Z",
    "^": "M0-1.25 1.15.85-1.15.85Z",
    "v": "M0 1.25 1.15-.85-1.15-.85Z",
    "s": "M-.9-.9.9-.9.9.9-.9.9Z",
    "D": "M0-1.25 1.25 0 0 1.25-1.25 0Z",
    "P": "M-.4-1.2.4-1.2.4-.4 1.2-.4 1.2.4.4.4.4 1.2-.4 1.2-.4.4-1.2.4-1.2-.4-.4-.4Z",
    "X": "M.57-1.13 1.13-.57.57 0 1.13.57.57 1.13 0 .57-.57 1.13-1.13.57-.57 0-1.13-.57-.57-1.13 0-.57Z",
    "*": "M0-1.45.35-.49 1.38-.45.57.19.85 1.17 0 .6-.85 1.17-.57.19-1.38-.45-.35-.49Z",
}
NOTHING = "#C4C8CE"  # light grey: points of no group or value


def colour(code: int) -> str:
    """The colour of a group; colours and shapes together repeat after 80."""
    return COLOURS[code % len(COLOURS)]


def shape(code: int) -> str:
    """The matplotlib marker of a group."""
    return SHAPES[code // len(COLOURS) % len(SHAPES)]


def outline(code: int) -> str:
    """The outline of a group's marker, as the path of an SVG element."""
    return OUTLINES[shape(code)]


def number_colours(steps: int = 32) -> list[str]:
    """Viridis from low to high, without the ends that vanish on dark and on light ground."""
    import matplotlib as mpl

    scale = mpl.colormaps["viridis"]
    return [mpl.colors.to_hex(scale(0.2 + 0.73 * i / (steps - 1))) for i in range(steps)]
