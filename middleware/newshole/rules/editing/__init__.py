"""Rules as somebody edits them: changed value by value as text, and completed while they are typed."""
