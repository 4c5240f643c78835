"""How dates and times look where Django's own form of a language is not what people write."""
