"""Template words of the log's pages: verdicts of audits."""

from django import template

from server.web import integrity_words

register = template.Library()

register.filter("verdict_words", integrity_words.verdict_words)
register.filter("verdict_meaning", integrity_words.verdict_meaning)
register.filter("agrees_words", integrity_words.agrees_words)
