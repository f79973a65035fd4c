"""newshole puts ads, follow calls and stories into a news site's pages, by rules."""
