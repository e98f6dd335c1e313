"""Scores and banks as tables and summaries for people; nothing is computed anew."""
