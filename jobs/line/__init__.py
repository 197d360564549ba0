"""The line of paintings: promising, finding and stopping them, and when each begins.

Read `queue`, then `estimates` (seconds until a painting begins and ends), then `places` (telling
people their place).
"""
