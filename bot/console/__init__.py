"""The console without the web: who a rep is, whom she may see, what is kept of her deeds."""
