"""Digits drawn on the sheet of a page, as a hand would draw them."""

# Strokes of digits; x and y are shares of a digit's height, from its top left.
STROKES = {
    1: [[(0.1, 0.2), (0.3, 0), (0.3, 1)]],
    2: [[(0.05, 0.25), (0.15, 0.05), (0.4, 0), (0.55, 0.2), (0.4, 0.5), (0, 1), (0.6, 1)]],
    3: [[(0, 0.05), (0.35, 0), (0.5, 0.2), (0.2, 0.45), (0.5, 0.65), (0.4, 0.95), (0, 1)]],
    4: [[(0.2, 0), (0, 0.55), (0.55, 0.55)], [(0.45, 0.1), (0.4, 1)]],
    5: [[(0.1, 0), (0.05, 0.45), (0.4, 0.45), (0.5, 0.75), (0.3, 1), (0, 0.95)], [(0.1, 0), (0.5, 0)]],
    7: [[(0, 0), (0.55, 0), (0.25, 1)]],
    0: [[(0.3, 0), (0.05, 0.2), (0, 0.6), (0.2, 1), (0.45, 0.9), (0.6, 0.5), (0.5, 0.1), (0.3, 0)]],
}


class Sheet:
    """An opened page, to be drawn on."""

    def __init__(self, page):
        self.page = page
        self.box = page.locator("#sheet").bounding_box()

    def place(self, point):
        """Returns where a point of the sheet, 0 to 1 along both sides, lies in the window."""
        return self.box["x"] + point[0] * self.box["width"], self.box["y"] + point[1] * self.box["height"]

    def stroke(self, points):
        """Draws a line through points of the sheet, with the mouse."""
        self.page.mouse.move(*self.place(points[0]))
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*self.place(point), steps=5)
        self.page.mouse.up()

    def digit(self, digit, left=0.4, top=0.2, height=0.6):
        """Draws a digit; its left and top edge and its height are shares of the sheet's sides."""
        shape = self.box["height"] / self.box["width"]
        for points in STROKES[digit]:
            self.stroke([(left + x * height * shape, top + y * height) for x, y in points])

    @property
    def number(self):
        return self.page.locator("#number").text_content()

    @property
    def sentence(self):
        return self.page.locator("#sentence").text_content()
