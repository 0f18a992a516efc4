"""Runs taken along to be looked at, with no lab behind them: as one page, as a web site."""
