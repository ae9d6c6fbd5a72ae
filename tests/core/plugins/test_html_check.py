"""A fragment of a page is fit to stand among others, or it is said why not."""

import pytest

from argosy.plugins.html_check import unfit


@pytest.mark.parametrize(
    ("fragment", "reason"),
    [
        ("<p>2 &lt; 3</p><br><svg viewBox='0 0 1 1'><path d='M0 0'/></svg>", None),
        ("<a href='https://wiki.example/m1'>m1</a> <a href='#panel-map'>map</a>", None),
        ("R&D <p>AT&T", "it leaves <p> open"),
        ("<p/>", "it writes <p/>, which browsers leave open"),
        ("<a href='javascript:alert(1)'>x</a>", "it fetches 'javascript:alert(1)'"),
        ("<p onclick='x()'></p>", "it holds the event handler 'onclick'"),
        ("<p style='color: red'></p>", "<p> has a style of its own"),
        ("<p><!-- hidden", "it holds a comment or a declaration"),
        ("<svg><use href='https://x.example/#a'/></svg>", "it fetches 'https://x.example/#a'"),
        ('<p title="', "it ends inside a tag"),
        ("<p></b></p>", "it closes <b> where <p> is open"),
        ("<FORM></FORM>", "it holds <form>"),
    ],
)
def test_a_fragment_is_fit_or_says_why_not(fragment, reason):
    found = unfit(fragment)

    assert found is None if reason is None else found.startswith(reason)
