"""Forms: what people type, turned into what services take."""
