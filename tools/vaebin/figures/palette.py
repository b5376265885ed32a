"""Colours and shapes that tell many groups apart, for colour-blind readers too."""

# Okabe and Ito (2008) without black and yellow, which vanish on dark and on light ground, and four colours that keep
# their distance from these and from grey with any colour vision.
COLOURS = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#9B6FFF", "#90BC85", "#C81616", "#BC2C90",
)  # fmt: skip
# Matplotlib's markers; the page draws the same. The first ten groups are circles, the next ten triangles.
SHAPES = ("o", "^", "s", "D", "P", "X", "v", "*")
NOTHING = "#C4C8CE"  # light grey: points of no group or value


def colour(code: int) -> str:
    """The colour of a group; colours and shapes together repeat after 80."""
    return COLOURS[code % len(COLOURS)]


def shape(code: int) -> str:
    """The matplotlib marker of a group."""
    return SHAPES[code // len(COLOURS) % len(SHAPES)]


def number_colours(steps: int = 32) -> list[str]:
    """Viridis from low to high, without the ends that vanish on dark and on light ground."""
    import matplotlib as mpl

    scale = mpl.colormaps["viridis"]
    return [mpl.colors.to_hex(scale(0.2 + 0.73 * i / (steps - 1))) for i in range(steps)]
