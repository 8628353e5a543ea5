"""Ranking by soft term frequency: what the built-in encoder's `TermScoring` asks for.

The candidates are rescored from their stored vectors by soft BM25, in which a word that the document itself spells counts as
read without error. Beside words stands meaning: how close the page's passages are to the query.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.highlights.page_pictures import asks_clearly
from pagelight.retrieval.scoring import TermScoring, own_weights
from pagelight.retrieval.search.calibration import STRENGTH, answer_probability
from pagelight.retrieval.search.page_evidence import PageEvidence, Ranked, read_evidence
from pagelight.retrieval.search.prepared import PreparedQuery
from pagelight.retrieval.store.page_store import PageStore
from pagelight.retrieval.types import Floats, Ints, Kind, QueryEmbedding, StoredPage


@dataclass(frozen=True, slots=True)
class RankingParameters:
    """Parts of a page's score.

    document_share: share of its document's best score that each page gets on top: a document that is about the query's
        subject names it on some pages only (both labelled sets)
    content: weight of its own from which on a word says what is meant; function words have less (both labelled sets)
    least_share: a page that has less of the query's words was not found by them: no similarity is quite without a match
        (both labelled sets)
    meaning: what closeness in meaning counts for beside words, both on their own scale: words whose page has them all
        come to 1, so that meaning decides where words are missing; .5 and 2 cost .01 (mean of both labelled sets, with
        words and without)
    meaning_of_looks: the same where the query asks for a look, of which text says little, but for what photos are named by;
        .3 and 1 cost .01 to .02 on such queries (the second set, and a third that was labelled by somebody else)
    look: what the probability of a look counts for where a query asks for nothing else: pages that show it go before
        those that spell it (whole queries for looks on both labelled sets)
    """

    document_share: float = 0.3
    content: float = 0.5
    least_share: float = 0.01
    meaning: float = 1.0
    meaning_of_looks: float = 0.6
    look: float = 1.0


RANKING = RankingParameters()


def rank(
    store: PageStore,
    prepared: PreparedQuery,
    scoring: TermScoring,
    top_k: int,
    image_only: bool = False,
) -> list[Ranked]:
    """The best pages, scored from their stored vectors and their documents' own words."""
    query, weights, evidence = prepared.embedding, prepared.weights, prepared.evidence
    if evidence is None or not len(evidence):
        return []
    nulls = prepared.nulls if not image_only or evidence.understood else None
    words = _contributions(store, query, weights, scoring, evidence).sum(axis=1)
    frequencies = np.maximum(evidence.seen, evidence.written)
    seen, written, shares = (
        scoring.shares(own, weights) for own in (evidence.seen, evidence.written, frequencies)
    )
    best_words = float(words.max(initial=0.0))
    close = _assumed(evidence, words, evidence, best_words) if nulls else np.zeros_like(evidence.close)
    deviations = nulls.all_deviations(close) if nulls else None
    if deviations is not None:
        deviations[evidence.shallow] = np.nan
    meant = (
        np.zeros(len(evidence), bool) if deviations is None else (close > 0) & (deviations >= STRENGTH.close)
    )
    best: dict[str, float] = {}
    for page, score in zip(evidence.pages, words.tolist(), strict=True):
        best[page.document_id] = max(score, best.get(page.document_id, 0.0))
    of_document = np.array([best[page.document_id] for page in evidence.pages], np.float32)
    totals = words + RANKING.document_share * of_document + meaning_weight(query) * close
    # a page that has no word of the query is found by what it means, however little that is: strength tells how much
    found = np.flatnonzero((np.maximum(seen, written) >= RANKING.least_share) | (close > 0))
    if not len(found):
        return []
    order = found[np.argsort(-totals[found], kind="stable")]
    says = shares * float(weights.sum()) / scoring.rarest(store.stats().n_pages)
    # a query of function words asks for nothing, whatever page has them
    asks = float(own_weights(query).max(initial=0.0)) >= RANKING.content
    sure = scoring.shares(evidence.coverage, weights) if asks else np.zeros_like(shares)
    strengths = answer_probability(
        (shares if asks else sure)[order],
        sure[order],
        says[order],
        None if deviations is None else deviations[order],
        totals[order[0]] - totals[order],
    )
    if _asks_for_looks_only(query):
        shown = evidence.looks[:, _asking(query)].mean(axis=1)
        strengths = np.maximum(strengths, shown[order])
    return [
        Ranked(
            evidence.pages[i],
            float(totals[i]),
            strength,
            _sources(float(seen[i]), float(written[i])) + ("meaning",) * bool(meant[i]),
        )
        for i, strength in zip(order[:top_k].tolist(), _as_strong_as_the_next(strengths), strict=False)
    ]


def meaning_weight(query: QueryEmbedding) -> float:
    """Weight of closeness in meaning beside words."""
    return RANKING.meaning_of_looks if asks_clearly(query) else RANKING.meaning


def parts(
    store: PageStore, prepared: PreparedQuery, scoring: TermScoring, page: StoredPage, image_only: bool
) -> Parts:
    """Parts of a page's score; a page that is no candidate is scored as one."""
    query, weights, candidates = prepared.embedding, prepared.weights, prepared.evidence
    own = read_evidence(store, query, scoring, [page.page_id], image_only, prepared.nulls is not None)
    words = _contributions(store, query, weights, scoring, own)
    best = best_words = float(words.sum())
    close, understood = own.close, own.understood
    if candidates is not None and len(candidates):
        others = _contributions(store, query, weights, scoring, candidates).sum(axis=1)
        same = [other.document_id == page.document_id for other in candidates.pages]
        best = max(best, float(others[same].max(initial=0.0)))
        best_words = max(best_words, float(others.max()))
        close = _assumed(own, words.sum(axis=1), candidates, best_words)
        understood &= candidates.understood
    has_meaning = prepared.nulls is not None and (not image_only or understood)
    return Parts(
        words[0],
        RANKING.document_share * best,
        meaning_weight(query) * float(close[0]) if has_meaning else 0.0,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """The summands of a page's score.

    words: (n_words,) each word's part; document: the part of the best page of its document; meaning: of its text
    """

    words: Floats
    document: float
    meaning: float


def _contributions(
    store: PageStore, query: QueryEmbedding, weights: Floats, scoring: TermScoring, evidence: PageEvidence
) -> Floats:
    """(n, n_words): what each word adds to each page's score, of which all together come to 1 at most, and what looks do."""
    stats = store.stats()
    frequencies = np.maximum(evidence.seen, evidence.written)
    mean_length = stats.n_patches / max(stats.n_pages, 1)
    added = scoring.contributions(frequencies, weights, evidence.lengths, mean_length)
    added /= max(scoring.highest(weights), 1e-6)
    if _asks_for_looks_only(query):
        added += RANKING.look / len(_asking(query)) * evidence.looks
    return np.asarray(added, np.float32)


def _asking(query: QueryEmbedding) -> Ints:
    """The words that ask for a look or a colour."""
    return np.unique(query.word_of_token[query.kinds == Kind.FIGURE])


def _asks_for_looks_only(query: QueryEmbedding) -> bool:
    """Whether each word that says what is meant asks for a look: "pie chart", "a map"."""
    looks = _asking(query)
    others = np.delete(own_weights(query), looks)
    return bool(len(looks)) and float(others.max(initial=0.0)) < RANKING.content


def _assumed(evidence: PageEvidence, words: Floats, candidates: PageEvidence, best: float) -> Floats:
    """(n,): the closeness of pages whose meaning is still to come is assumed, so that they lose to no other page by it.

    A page is thought as close as the closest candidate, by the share that it has of the best words' score: among
    themselves such pages rank by words. (Half of the second set's pages without meaning: nDCG@5 .692; .601 as if they
    meant nothing, .668 if no page meant anything.)
    """
    closest = float(candidates.close[~candidates.shallow].max(initial=0.0))
    shares = np.minimum(words / max(best, 1e-6), 1)
    return np.asarray(np.where(evidence.shallow, closest * shares, evidence.close), np.float32)


def _as_strong_as_the_next(strengths: NDArray[np.float64]) -> list[float]:
    """No page weaker than one below it: what puts it first (how often, how long the page is, its document) counts too."""
    return [float(strength) for strength in np.maximum.accumulate(strengths[::-1])[::-1]]


def _sources(seen: float, written: float) -> tuple[str, ...]:
    """Sources that matched: one counts when it carries at least a quarter of the stronger one."""
    stronger = max(seen, written)
    if stronger < RANKING.least_share:
        return ()
    return tuple(name for name, share in (("visual", seen), ("text", written)) if share >= 0.25 * stronger)
