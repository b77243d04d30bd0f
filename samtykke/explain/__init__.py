"""Why is a person in or out: the answer of the gates at a moment T as known at a moment K, with its evidence.

Nothing here decides. The rules live once, in SQL: dbt leaves them in the warehouse as table functions of (T, K) in the
schema ``audit``, and this package asks them.
"""

from samtykke.explain.answer import Explanation, IdentifierAnswer, PersonAnswer, RecipientAnswer
from samtykke.explain.asked import UnreadableIdentifierError
from samtykke.explain.question import Question, QuestionError, explain, history

__all__ = [
    "Explanation",
    "IdentifierAnswer",
    "PersonAnswer",
    "Question",
    "QuestionError",
    "RecipientAnswer",
    "UnreadableIdentifierError",
    "explain",
    "history",
]
