"""What the project promises, tried: rooms of tests for rooms of code."""

from utils.telegram import lean_import

# As the bot's own processes import it, and seconds sooner in each of pytest's.
lean_import.import_aiogram()
