"""A person with a keyboard and nothing else."""

from playwright.sync_api import Page

FAR = 150  # presses of Tab after which a person would have given up


class Keyboard:
    """Moves by Tab and insists on seeing where it is."""

    def __init__(self, page: Page):
        self.page = page

    @property
    def focus(self) -> dict:
        return self.page.evaluate("measure.focus()")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def tab(self) -> dict:
        """Move on by one, and see it."""
        self.press("Tab")
        focus = self.focus
        assert focus["isSeen"], f"Nobody can see that this has the focus: {focus}"
        assert focus["isInView"], f"This has the focus out of sight: {focus}"
        return focus

    def tab_to(self, name: str) -> dict:
        """Press Tab until what begins with this name has the focus."""
        passed = []
        for _ in range(FAR):
            focus = self.tab()
            if focus["name"].startswith(name):
                return focus
            passed.append(focus["name"])
        raise AssertionError(f"Tab never came to “{name}”. It came to {passed}")

    def choose(self, question: str, choice: str) -> None:
        """Come to a group of choices by Tab and to the choice by the arrows."""
        for _ in range(FAR):
            if self.tab()["group"].startswith(question):
                break
        self.press("Space")
        for _ in range(FAR):
            if (focus := self.focus)["name"].startswith(choice):
                assert focus["isChecked"]
                return
            self.press("ArrowDown")
        raise AssertionError(f"The arrows never came to “{choice}” of “{question}”")
