"""The subcommands of `entrepairs`: one module each, holding `command`; the names with `_` are shared parts."""
