"""A run: its recipe, where it was trained, what came of it, and how to make it again."""

from core.web import styles
from core.web.run import page

styles.of_page("compare")
styles.of_page("run")
page.draw(page.chosen())
