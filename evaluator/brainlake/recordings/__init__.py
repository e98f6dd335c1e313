"""Human responses lined up with the stimuli that they answer; nothing is fitted or scored here."""
