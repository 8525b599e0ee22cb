"""Pictures that the reader's net learns from: digits in other hands and pens, and marks that are no whole digit."""
