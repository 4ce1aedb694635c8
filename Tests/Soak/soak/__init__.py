"""Long-lived WebSockets, tunnels and steady short requests through one server, while it is reloaded and replaced again and again."""
