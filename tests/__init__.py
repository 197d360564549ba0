"""What the project promises, tried: rooms of tests for rooms of code."""

from utils import lean_aiogram

# As the bot's own processes import it, and seconds sooner in each of pytest's.
lean_aiogram.import_aiogram()
