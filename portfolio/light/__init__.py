"""The light lane: common off-the-shelf uses, declared in a minute, and the tools that the office has approved."""
