# SPDX-License-Identifier: Apache-2.0
"""The hard messages: name -> octets. Made here, not stored, so that each says what it is about."""

import random

HEAD = "From: anna@example.org\nSubject: case\nMIME-Version: 1.0\n"
CASES: dict[str, bytes] = {}


def octets(text) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


def add(name: str, text, raw: bool = False):
    """`text` with LF lines, made CRLF lines unless raw."""
    assert name not in CASES, name
    data = octets(text)
    CASES[name] = data if raw else data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def typed(name: str, fields: str, body: str = "body\n"):
    add(name, HEAD + fields + "\n" + body)


def header(name: str, fields, body: str = "body\n"):
    add(name, octets(fields) + b"\n" + octets(body))


def many(group: str, values, make):
    for number, value in enumerate(values, 1):
        make(f"{group}-{number:02d}", value)


def multipart(body: str, boundary: str = "b", kind: str = "mixed", more: str = "") -> str:
    return HEAD + f'Content-Type: multipart/{kind}; boundary="{boundary}"{more}\n\n{body}'


TEXT = "Content-Type: text/plain\n\n"


# ---- boundaries

def boundaries():
    part = TEXT + "one\n"
    bodies = {
        "plain": f"--b\n{part}--b\n{TEXT}two\n--b--\n",
        "preamble-epilogue": f"preamble\n--b\n{part}--b--\nepilogue\nmore\n",
        "no-final": f"--b\n{part}--b\n{TEXT}two\n",
        "no-final-no-newline": f"--b\n{part}--b\n{TEXT}two",
        "never-found": "no part here\nat all\n",
        "empty-body": "",
        "only-close": "--b--\n",
        "close-first": f"--b--\n--b\n{part}--b--\n",
        "only-delimiter": "--b\n",
        "only-delimiter-no-newline": "--b",
        "two-delimiters": "--b\n--b\n--b--\n",
        "delimiter-blank-delimiter": "--b\n\n--b\n\n--b--\n",
        "no-blank-line": "--b\nContent-Type: text/plain\n--b--\n",
        "no-blank-line-two": "--b\nContent-Type: text/html\nContent-ID: <1>\n--b\nContent-Type: text/plain\n--b--\n",
        "no-header": "--b\n\none\n--b\n\ntwo\n--b--\n",
        "blank-before": f"--b\n{part}\n--b\n{TEXT}two\n\n\n--b--\n",
        "trailing-blanks": f"--b   \n{part}--b\t \n{TEXT}two\n--b--  \n",
        "trailing-text": f"--b and more\n{part}--bX\n{TEXT}two\n--b--more\n",
        "close-then-part": f"--b\n{part}--b--\n--b\n{TEXT}after\n--b--\n",
        "three-dashes": f"---b\n--b\n{part}---b\n--b--\n",
        "one-dash": f"--b\n{part}-b\n--b--\n",
        "leading-blank": f"--b\n{part} --b\n--b--\n",
        "only-close-dash": f"--b\n{part}--b-\n{TEXT}two\n--b--\n",
        "text-eof-cr": f"--b\n{part}--b--\r",
        "dashes-lines": f"--b\n{TEXT}--\n--c\n-\n--b--\n",
        "header-eof": "--b\nContent-Type: text/plain",
        "header-eof-newline": "--b\nContent-Type: text/plain\n",
        "blank-eof": "--b\nContent-Type: text/plain\n\n",
        "one-line": f"--b\n{TEXT}x\n--b--",
        "body-without-newline": f"--b\n{TEXT}\n--b--",
    }
    for name, body in bodies.items():
        add(f"boundary/{name}", multipart(body))
    add("boundary/none-given", HEAD + "Content-Type: multipart/mixed\n\n--b\n\none\n--b--\n")
    add("boundary/empty", multipart(f"--\n{part}----\n", ""))
    add("boundary/quoted-blank", multipart(f"--a b\n{part}--a b--\n", "a b"))
    add("boundary/ends-with-blank", multipart(f"--ab \n{part}--ab --\n", "ab "))
    add("boundary/70", multipart(f"--{'x' * 70}\n{part}--{'x' * 70}--\n", "x" * 70))
    add("boundary/71", multipart(f"--{'y' * 71}\n{part}--{'y' * 71}--\n", "y" * 71))
    add("boundary/200", multipart(f"--{'z' * 200}\n{part}--{'z' * 200}--\n", "z" * 200))
    add("boundary/specials", multipart(f"--'()+_,-./:=?\n{part}--'()+_,-./:=?--\n", "'()+_,-./:=?"))
    add("boundary/unquoted-equals",
        HEAD + f"Content-Type: multipart/mixed; boundary=----=_Part_1\n\n------=_Part_1\n{part}------=_Part_1--\n")
    add("boundary/unquoted-colon",
        HEAD + f"Content-Type: multipart/mixed; boundary=a:b\n\n--a:b\n{part}--a:b--\n")
    add("boundary/unquoted-slash",
        HEAD + f"Content-Type: multipart/mixed; boundary=a/b?c\n\n--a/b?c\n{part}--a/b?c--\n")
    add("boundary/comment",
        HEAD + f"Content-Type: multipart/mixed (note); boundary=b (other)\n\n--b\n{part}--b--\n")
    add("boundary/backslash", multipart(f"--a\"b\n{part}--a\"b--\n", "a\\\"b"))
    add("boundary/ends-with-dashes", multipart(f"--b--\n{part}--b----\n", "b--"))
    add("boundary/case", multipart(f"--B\n{part}--b\n{TEXT}two\n--b--\n"))
    add("boundary/rfc2231",
        HEAD + f"Content-Type: multipart/mixed; boundary*0=\"ab\"; boundary*1=\"cd\"\n\n--abcd\n{part}--abcd--\n")
    add("boundary/twice",
        HEAD + f"Content-Type: multipart/mixed; boundary=a; boundary=b\n\n--a\n{part}--a--\n--b\n{part}--b--\n")
    add("boundary/folded",
        HEAD + f"Content-Type: multipart/mixed;\n\tboundary=\"b\"\n\n--b\n{part}--b--\n")
    add("boundary/folded-inside",
        HEAD + f"Content-Type: multipart/mixed;\n boundary=\"b\n c\"\n\n--b c\n{part}--b c--\n")


# ---- multiparts inside each other

def nesting():
    inner = f'Content-Type: multipart/alternative; boundary="i"\n\n--i\n{TEXT}plain\n--i\nContent-Type: text/html\n\n<b>x</b>\n--i--\n'
    bodies = {
        "alternative": f"--b\n{inner}\n--b\n{TEXT}last\n--b--\n",
        "inner-not-closed": f"--b\n{inner[:-6]}\n--b\n{TEXT}last\n--b--\n",
        "outer-in-inner-header": "--b\nContent-Type: multipart/mixed; boundary=i\n\n--i\nContent-Type: text/plain\n--b--\n",
        "inner-epilogue": f"--b\n{inner}inner epilogue\n--b--\nouter epilogue\n",
        "inner-after-outer-close": f"--b\n{inner[:-6]}--b--\n--i\n\nx\n--i--\n",
        "inner-delimiter-at-once": "--b\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\nx\n--i--\n--b--\n",
        "inner-delimiter-in-header": "--b\nContent-Type: multipart/mixed; boundary=i\n--i\n\nx\n--i--\n--b--\n",
        "inner-empty": "--b\nContent-Type: multipart/mixed; boundary=i\n\n--b--\n",
        "inner-none": "--b\nContent-Type: multipart/mixed\n\nx\n--b--\n",
    }
    for name, body in bodies.items():
        add(f"nesting/{name}", multipart(body))
    same = f'--b\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n\nx\n--b--\n--b--\n'
    add("nesting/same-boundary", multipart(same))
    add("nesting/inner-is-longer",
        multipart(f'--b\nContent-Type: multipart/mixed; boundary="bb"\n\n--bb\n\nx\n--bb--\n--b\n\nlast\n--b--\n'))
    add("nesting/inner-is-shorter",
        multipart(f'--bb\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n\nx\n--b--\n--bb\n\nlast\n--bb--\n', "bb"))
    for depth in (3, 10, 30, 60):
        text = ""
        for level in range(depth):
            text += f'Content-Type: multipart/mixed; boundary="n{level}-"\n\n--n{level}-\n'
        text += "\ninnermost\n"
        for level in reversed(range(depth)):
            text += f"--n{level}---\n"
        add(f"nesting/depth-{depth}", HEAD + text)
        open_text = text[:text.index("innermost") + 10]
        add(f"nesting/depth-{depth}-open", HEAD + open_text)
    add("nesting/many-parts", multipart("".join(f"--b\n\npart {i}\n" for i in range(150)) + "--b--\n"))
    add("nesting/many-empty-parts", multipart("--b\n" * 100 + "--b--\n"))


# ---- messages inside messages

def messages():
    inside = "From: inner@example.org\nTo: x@example.org\nSubject: inside\n\ninner body\nsecond\n"
    rfc822 = "Content-Type: message/rfc822\n\n"
    add("message/root", HEAD + rfc822 + inside)
    add("message/root-twice", HEAD + rfc822 + HEAD + rfc822 + inside)
    add("message/root-empty", HEAD + rfc822)
    add("message/root-no-body", HEAD + rfc822 + "Subject: x")
    add("message/root-no-blank", HEAD + "Content-Type: message/rfc822\n")
    add("message/part", multipart(f"--b\n{TEXT}see\n--b\n{rfc822}{inside}--b--\n"))
    add("message/part-empty", multipart(f"--b\n{rfc822}--b--\n"))
    add("message/part-no-blank", multipart("--b\nContent-Type: message/rfc822\n--b--\n"))
    add("message/part-header-only", multipart(f"--b\n{rfc822}Subject: only\n--b--\n"))
    add("message/part-header-blank", multipart(f"--b\n{rfc822}Subject: only\n\n--b--\n"))
    add("message/part-two-blank", multipart(f"--b\n{rfc822}\n--b--\n"))
    add("message/part-blank-first", multipart(f"--b\n{rfc822}\nbody without header\n--b--\n"))
    add("message/part-multipart", multipart(
        f'--b\n{rfc822}Subject: in\nContent-Type: multipart/mixed; boundary="i"\n\n--i\n\none\n--i\n\ntwo\n--i--\nepilogue\n--b--\n'))
    add("message/part-multipart-open", multipart(
        f'--b\n{rfc822}Subject: in\nContent-Type: multipart/mixed; boundary="i"\n\n--i\n\none\n--b\n\ntwo\n--b--\n'))
    add("message/three-deep", multipart(f"--b\n{rfc822}Subject: 1\n{rfc822}Subject: 2\n{rfc822}{inside}--b--\n"))
    deep = "".join(f"Subject: {i}\n{rfc822}" for i in range(40))
    add("message/forty-deep", deep + inside)
    add("message/mixed-deep", multipart(
        f'--b\n{rfc822}Content-Type: multipart/mixed; boundary="c"\n\n--c\n{rfc822}'
        f'Content-Type: multipart/mixed; boundary="d"\n\n--d\n\ndeep\n--d\n{rfc822}{inside}--d--\n--c--\n--b--\n'))
    add("message/base64", multipart(
        f"--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAoKYm9keQo=\n--b--\n"))
    add("message/global", multipart(f"--b\nContent-Type: message/global\n\n{inside}--b--\n"))
    add("message/partial", multipart('--b\nContent-Type: message/partial; id="1"; number=1; total=2\n\nSubject: p\n\nx\n--b--\n'))
    add("message/external-body", multipart(
        '--b\nContent-Type: message/external-body; access-type=URL; URL="ftp://x"\n\nContent-Type: text/plain\n\n\n--b--\n'))
    add("message/delivery-status", multipart(
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; y\n--b--\n",
        kind="report", more="; report-type=delivery-status"))
    add("message/upper-case", HEAD + "Content-Type: MESSAGE/RFC822\n\n" + inside)
    add("message/with-parameters", HEAD + "Content-Type: message/rfc822; name=\"x.eml\"\n\n" + inside)
    add("message/disposition", multipart(
        f"--b\nContent-Type: message/rfc822\nContent-Disposition: attachment; filename=x.eml\n\n{inside}--b--\n"))
    add("message/encapsulated-html", multipart(f"--b\n{rfc822}Content-Type: text/html\nSubject: h\n\n<p>\n--b--\n"))
    digest = f"--b\n\n{inside}--b\nContent-Type: text/plain\n\nno message\n--b\n\nSubject: 2\n\nx\n--b--\n"
    add("message/digest", multipart(digest, kind="digest"))
    add("message/digest-upper", multipart(digest, kind="DIGEST"))
    add("message/digest-empty-part", multipart("--b\n\n--b\n--b--\n", kind="digest"))
    add("message/digest-bad-type", multipart(f"--b\nContent-Type: bad\n\n{inside}--b--\n", kind="digest"))


# ---- what the header of a part says

def content_types():
    values = [
        "text/html", "TEXT/Plain; CHARSET=UTF-8", "text/plain;charset=utf-8", "text/plain ; charset = utf-8",
        "text/plain; charset=\"iso-8859-1\"", "text/plain; charset=us-ascii (comment)", "text/plain (c) ; (d) charset(e)=(f)utf-8",
        "text / plain", "text/ plain", "text", "text/", "/plain", "", "   ", "garbage", "text plain", "text\\plain",
        "text/plain; charset", "text/plain; charset=", "text/plain; =utf-8", "text/plain;; charset=utf-8;",
        "text/plain; charset=utf-8; format=flowed; delsp=yes", "text/plain charset=utf-8", "text/plain, text/html",
        "text/plain; charset=utf-8, foo", "text/plain; name=my file.txt", "text/plain; name=\"my file.txt\"",
        "text/plain; name=\"a\\\"b\\\\c.txt\"", "text/plain; name=\"no end", "text/plain; name=foo[1].txt",
        "text/plain; name=a@b", "text/plain; name='single'", "text/plain; name=foo(1).txt",
        "text/plain; name=\"\"", "text/plain; NAME=x; name=y", "application/octet-stream", "image/jpeg; name=x.jpg",
        "application/x-weird+xml; a=1", "text/x.y-z", "text/plain/extra; charset=utf-8", "multipart", "multipart/",
        "message", "text/plain; charset==?utf-8?q?utf-8?=", "text/plain; name==?utf-8?q?f=C3=BC?=",
        "text/plain; name=\"=?utf-8?B?ZsO8?=\"", "image/png", "audio/basic; rate=8000", "video/mp4",
        "application/pdf; name=a; x-b=\"c d\"; e=f", "text/plain;\n\tcharset=utf-8;\n\tname=\"folded\n name\"",
        "text/html;\n charset=\"utf-8\"", "text/plain; charset=utf-8 format=flowed", "TEXT/HTML; charset=x-unknown",
        "text/plain; a=1; b=2; c=3; d=4; e=5; f=6; g=7; h=8", "text/plain; ;", "text/plain:charset=utf-8",
        "x/y", "text/plain; a.b-c=1; d_e=2", "text/plain; charset=\"utf-8\"x; foo=bar",
    ]
    many("type", values, lambda name, value: typed("type/" + name, f"Content-Type: {value}\n"))
    typed("type/eight-bit", "Content-Type: text/plain; name=\"fü.txt\"\n")
    typed("type/eight-bit-unquoted", "Content-Type: text/plain; name=fü.txt\n")
    typed("type/twice", "Content-Type: text/html\nContent-Type: text/plain; charset=utf-8\n")
    typed("type/twice-bad-first", "Content-Type: garbage\nContent-Type: text/html\n")
    typed("type/blank-before-colon", "Content-Type : text/html\n")
    typed("type/upper-name", "CONTENT-TYPE: text/html\n")
    header("type/no-mime-version", "Subject: x\nContent-Type: text/html; charset=utf-8\n")
    header("type/none", "Subject: x\n")
    typed("type/huge-parameter", "Content-Type: text/plain; name=\"" + "x" * 5000 + "\"\n")
    typed("type/huge-folded", "Content-Type: text/plain;" + "".join(f"\n a{i}=value{i};" for i in range(100)) + "\n")


def other_fields():
    fields = [
        "Content-Disposition: attachment; filename=\"x.pdf\"", "Content-Disposition: inline",
        "Content-Disposition: ATTACHMENT", "Content-Disposition: attachment; filename=my file.pdf",
        "Content-Disposition: attachment; filename=\"x.pdf\"; size=1234; creation-date=\"Sat, 21 Nov 2026 07:00:00 +0000\"",
        "Content-Disposition:", "Content-Disposition: ; filename=x", "Content-Disposition: =", "Content-Disposition: \"attachment\"",
        "Content-Disposition: attachment filename=x", "Content-Disposition: attachment;filename=\"a\";filename=\"b\"",
        "Content-Disposition: form-data; name=field", "Content-Disposition: attachment (c); filename=x (d)",
        "Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: BASE64", "Content-Transfer-Encoding: base64 (c)",
        "Content-Transfer-Encoding: quoted-printable", "Content-Transfer-Encoding: 8bit; x", "Content-Transfer-Encoding: 8 bit",
        "Content-Transfer-Encoding:", "Content-Transfer-Encoding: x-uuencode", "Content-Transfer-Encoding: binary",
        "Content-Transfer-Encoding: \"base64\"", "Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 8bit",
        "Content-ID: <1@x>", "Content-ID: no brackets", "Content-ID:", "Content-ID: <a> (c)", "Content-ID: <a\n b>",
        "Content-ID: <1>\nContent-ID: <2>", "Content-Description: a text", "Content-Description: =?utf-8?q?=C3=BC?=",
        "Content-Description: über", "Content-Description: a \"quoted\" \\ one", "Content-Description:", "Content-Description: folded\n over\n\tlines",
        "Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==", "Content-MD5:", "Content-MD5: bad md5", "Content-Language: en", "Content-Language: en, de-DE",
        "Content-Language: en (English), fr", "Content-Language:", "Content-Language: ,", "Content-Language: en de",
        "Content-Language: i-klingon\nContent-Language: de", "Content-Location: http://x/y z", "Content-Location: \"http://x\"",
        "Content-Location:", "Content-Location: http://a\n b", "Content-Base: http://x",
    ]
    many("field", fields, lambda name, value: typed("field/" + name, f"Content-Type: text/plain\n{value}\n"))
    both = "Content-Disposition: inline\nContent-Language: en\nContent-Location: x\nContent-ID: <m>\nContent-MD5: 1\nContent-Description: d\n"
    add("field/on-multipart", HEAD + both + 'Content-Type: multipart/mixed; boundary=b; x=y\n\n--b\n' + both + "\nx\n--b--\n")
    add("field/on-message", HEAD + both + "Content-Type: message/rfc822\n\nSubject: i\n\nx\n")
    typed("field/all", both + "Content-Type: application/pdf; name=x\n")
    typed("field/on-image", "Content-Type: image/png\nContent-Transfer-Encoding: base64\nContent-ID: <i>\n", "AAAA\n")


def rfc2231():
    values = [
        "name*=utf-8''%C3%BC.txt", "name*=utf-8'en'a%20b", "name*0=ab; name*1=cd", "name*1=cd; name*0=ab",
        "name*0*=utf-8''%C3; name*1*=%BC", "name*0*=utf-8''%C3%BC; name*1=plain", "name*0=plain; name*1*=%C3",
        "name*0=a; name*2=c", "name*1=b; name*2=c", "name*0=a; name*0=b", "name*01=a; name*0=b", "name*=bad", "name*=utf-8'x",
        "name*0=a; name=plain", "name=plain; name*=utf-8''ext", "name*0*=''a; name*1*=b", "name*00=a", "name*a=b",
        "name*0*", "name**=x", "*0=a", "name*0=\"a b\"; name*1=\"c;d\"", "name*0=a;\n name*1=b;\n name*2=c",
        "name*0=a; other=x; name*1=b", "name*0=a; title*0=t; name*1=b; title*1=u", "NAME*0=a; name*1=b",
        "name*10=k; " + "; ".join(f"name*{i}={chr(97 + i)}" for i in range(10)), "charset*=''utf-8", "name*0*=x''%zz%; name*1*=%4",
        "name*4294967296=a; name*0=b", "name*-1=a", "name*0=; name*1=b",
    ]
    many("rfc2231", values, lambda name, value: typed("rfc2231/" + name, f"Content-Type: text/plain; {value}\n"))
    typed("rfc2231/disposition", "Content-Type: image/png\nContent-Disposition: attachment; filename*0=\"long\"; filename*1=\"name.png\"\n")
    typed("rfc2231/disposition-extended", "Content-Type: image/png\nContent-Disposition: attachment; filename*=iso-8859-1''f%FC.png\n")


# ---- envelopes

ADDRESSES = [
    "a@b.c", "<a@b.c>", "A <a@b.c>", "\"A B\" <a@b.c>", "A B <a@b.c>", "A  B\t<a@b.c>", "a@b.c (A B)", "(A) a@b.c",
    "A (c) B <a@b.c>", "\"A \\\"q\\\" B\" <a@b.c>", "\"\" <a@b.c>", "A. B. Cee <a@b.c>", "a@b.c, d@e.f", "a@b.c,d@e.f,", ", a@b.c", "a@b.c,,d@e.f",
    "group: a@b.c, d@e.f;", "group:;", "undisclosed-recipients:;", "undisclosed-recipients: ;", "\"my group\": A <a@b.c>;",
    "g: a@b.c; , d@e.f", "g: a@b.c;, h: d@e.f;", "g: a@b.c", "g:", "g: a@b.c, ;", "my group name: x@y;", "x@y, g: a@b;, z@w", "g: h: a@b;;",
    "\"quoted local\"@b.c", "\"a@b\"@c.d", "\"a\\\"b\"@c", "a.\"b\".c@d", "\"\"@b.c", "a . b @ c . d", "a (x) @ (y) b (z)", "a@[1.2.3.4]", "a@[IPv6:::1]",
    "<@r1,@r2:a@b.c>", "A <@r1:a@b.c>", "<@r1:>", "<@r1>", "<@r1, @r2: a@b>", "<>", "A <>", "<a>", "A <a>", "a", "a b", "a b c", "\"a b\"", "<a@>", "a@", "@b", "<@b.c>",
    "a@b c@d", "a@b.c <a@b.c>", "A <a@b.c> B", "A <a@b.c", "A a@b.c>", "A <<a@b.c>>", "A < a@b.c >", "A <a b@c>", "A <a@b c>", "a@b@c", "<a@b@c>", "a..b@c", ".a@b", "a.@b", "a@b..c", "a@.b", "a@b.",
    "a;b@c", "a@b; c@d", "[list] A <a@b>", "A [x] <a@b>", "=?utf-8?q?=C3=BC?= <a@b.c>", "=?utf-8?q?a?= =?utf-8?q?b?= <a@b.c>",
    "=?utf-8?q?Doe,_John?= <a@b.c>", "\"=?utf-8?q?x?=\" <a@b.c>", "Ü <a@b.c>", "\"Ü\" <ü@b.c>", "a@ü.example", "A\n B <a@b.c>", "A <a@b.c>,\n B <d@e.f>", "\"A\n B\" <a@b.c>",
    "a@b.c (nested (comment) here)", "a@b.c (c\\)d)", "a@b.c (no end", "(only a comment)", "", " ", ",", ";", ":", "<", ">", "\"", "(", ")", "\\", "@", "<<>>", "()", "\"no end <a@b.c>",
    "mailto:a@b.c", "a@b.c, \"no end", "John Q. Public <jqp@example.com>, \"D, E\" <de@example.com>", "A, B <a@b.c>", "A\\B <a@b>", "'A B' <a@b>", "A \"B\" C <a@b>", "\"A\"\"B\" <a@b>", "\"A\"B <a@b>", "a@b.c (first) (second)",
    "A <a@b.c> (comment)", "a%b@c.d", "a!b@c", "a+b=c@d", "A: B <a@b>", "x:y:z", "a@b.c\t", "\ta@b.c", "A\tB <a@b.c>", "A <a@b.c>;", "(c) A (d) <a@b> (e)", "a@(c)b.(d)c", "A@B <c@d>", "A@B, C <c@d>",
]


def envelopes():
    many("address", ADDRESSES, lambda name, value: header("address/" + name, f"From: f@x\nTo: {value}\n"))
    many("from", ["", " ", "a", "<>", "g:;", "a@b, c@d", "(c)"], lambda name, value: header("from/" + name, f"From: {value}\nTo: t@x\n"))
    cases = {
        "all": "Date: Sat, 21 Nov 2026 07:00:00 +0000\nFrom: a@b\nSender: s@b\nReply-To: r@b\nTo: t@b\nCc: c@b\nBcc: b@b\nSubject: s\nMessage-ID: <m@b>\nIn-Reply-To: <i@b>\n",
        "none": "X-Nothing: here\n", "sender-only": "Sender: s@b\n", "from-no-sender": "From: a@b\nReply-To:\n", "empty-sender": "From: a@b\nSender: \nReply-To: \n",
        "to-twice": "To: a@b\nTo: c@d\n", "from-twice": "From: a@b\nFrom: c@d\n", "subject-twice": "Subject: one\nSubject: two\n", "date-twice": "Date: one\nDate: two\n", "id-twice": "Message-ID: <1>\nMessage-ID: <2>\n",
        "subject-empty": "Subject:\n", "subject-blank": "Subject:   \n", "subject-folded": "Subject: one\n two\n\tthree\n", "subject-folded-wide": "Subject: one\n    two\n", "subject-fold-first": "Subject:\n one\n",
        "subject-fold-empty": "Subject: one\n \n two\n", "subject-trailing": "Subject: one   \n", "subject-tab": "Subject:\tone\ttwo\n", "subject-quotes": "Subject: a \"b\" \\c\n", "subject-eight-bit": "Subject: über\n",
        "subject-words": "Subject: =?utf-8?q?=C3=BC?= =?utf-8?b?w7w=?=\n", "subject-words-folded": "Subject: =?utf-8?q?a?=\n =?utf-8?q?b?=\n", "subject-broken-word": "Subject: =?utf-8?q?abc\n", "subject-long": "Subject: " + "x" * 3000 + "\n",
        "subject-no-blank": "Subject:x\n", "subject-colons": "Subject: a: b: c\n", "subject-literal-like": "Subject: {3}\n", "subject-percent": "Subject: 100%\n", "subject-brackets": "Subject: (a) [b] {c}\n",
        "date-empty": "Date:\n", "date-garbage": "Date: yesterday\n", "date-folded": "Date: Sat,\n 21 Nov 2026\n 07:00:00 +0000\n", "date-comment": "Date: Sat, 21 Nov 2026 07:00:00 +0000 (UTC)\n",
        "id-empty": "Message-ID:\n", "id-folded": "Message-ID:\n <a@b>\n", "id-odd": "Message-ID: no brackets at all\n", "id-comment": "Message-ID: <a@b> (c)\n", "in-reply-to-several": "In-Reply-To: <a@b> <c@d>\n", "in-reply-to-text": "In-Reply-To: Your message of Friday <a@b>\n", "in-reply-to-folded": "In-Reply-To: <a@b>\n\t<c@d>\n",
        "case": "FROM: a@b\nsUBJECT: x\nmessage-id: <m>\n", "blank-before-colon": "Subject : x\nFrom\t: a@b\n", "no-colon": "Subject: x\nthis is no field\nFrom: a@b\n", "mbox-from": "From a@b Sat Nov 21 07:00:00 2026\nSubject: x\n", "continuation-first": " odd\nSubject: x\n",
        "name-with-blank": "Sub ject: y\nSubject: x\n", "colon-first": ": x\nSubject: y\n", "eight-bit-name": "Sübject: x\nSubject: y\n", "continuation-after-garbage": "garbage\n more\nSubject: x\n", "many-to": "To: " + ",\n ".join(f"User {i} <u{i}@example.org>" for i in range(200)) + "\n",
        "cc-group": "Cc: g: a@b, c@d;, e@f\n", "bcc": "Bcc: a@b\n", "resent": "Resent-From: r@b\nFrom: a@b\n",
    }
    for name, value in cases.items():
        header("envelope/" + name, value)
    header("envelope/latin1", b"Subject: \xfcber\nFrom: \xdc <a@b>\n")


# ---- lines, octets, ends

def lines():
    cases = {
        "empty-line": b"\r\n", "two-empty-lines": b"\r\n\r\n", "no-body": b"Subject: x\r\n\r\n", "no-blank": b"Subject: x\r\n", "no-newline": b"Subject: x",
        "body-only": b"\r\nbody\r\n", "body-no-newline": b"Subject: x\r\n\r\nbody", "one-character": b"x", "colon": b":", "cr-only": b"Subject: x\rFrom: a@b\r\rbody\r",
        "bare-lf": b"Subject: x\nFrom: a@b\n\nbody\nmore\n", "mixed-ends": b"Subject: x\nFrom: a@b\r\n\nbody\r\nmore\n", "bare-cr-in-body": b"Subject: x\r\n\r\na\rb\r\nc\r\r\n", "bare-cr-in-header": b"Subject: a\rb\r\n\r\nbody\r\n", "cr-cr-lf": b"Subject: x\r\r\n\r\r\nbody\r\n",
        "cr-at-end": b"Subject: x\r\n\r\nbody\r", "lf-cr": b"Subject: x\n\r\n\rbody\n\r", "long-line": b"Subject: x\r\n\r\n" + b"y" * 20000 + b"\r\n", "many-lines": b"Subject: x\r\n\r\n" + b"z\r\n" * 3000, "blank-lines": b"Subject: x\r\n\r\n" + b"\r\n" * 50, "blanks-line": b"Subject: x\r\n  \r\nbody\r\n",
        "tab-line": b"Subject: x\r\n\t\r\n\r\nbody\r\n", "form-feed": b"Subject: x\r\n\x0c\r\n\r\nbody\r\n", "eight-bit-body": b"Subject: x\r\n\r\n\xff\xfe\x80\r\n", "bare-lf-multipart": b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n",
        "mixed-multipart": b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\n\r\none\n--b\r\n\ntwo\r\n--b--\n", "cr-before-boundary": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\r\n--b--\r\n", "cr-boundary": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r--b--\r\n",
    }
    for name, data in cases.items():
        add("lines/" + name, data, raw=True)
    add("nul/body", b"Subject: x\r\n\r\na\x00b\r\n", raw=True)
    add("nul/header", b"Subject: a\x00b\r\nFrom: \x00 <a@b>\r\n\r\nbody\r\n", raw=True)
    add("nul/boundary", b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"a\x00b\"\r\n\r\n--a\x00b\r\n\r\nx\r\n--a\x00b--\r\n", raw=True)
    add("nul/part", b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; name=\"\x00\"\r\n\r\n\x00\x00\r\n--b--\r\n", raw=True)
    add("long/header-field", HEAD + "X-Long: " + "x" * 30000 + "\nTo: t@x\n\nbody\n")
    add("long/many-fields", "".join(f"X-Field-{i}: {i}\n" for i in range(1500)) + "Subject: end\n\nbody\n")
    add("long/folded", "X-Long: a" + "\n b" * 3000 + "\nSubject: end\n\nbody\n")
    add("long/unfoldable-subject", "Subject:" + "\n " + "w" * 900 + "\n " + "v" * 900 + "\n\nbody\n")


def real():
    add("real/alternative", "From: =?iso-8859-1?Q?J=F6rg?= <j@example.org>\nTo: list@example.org\nSubject: =?utf-8?B?R3LDvMOfZQ==?=\n"
        "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=\"=_x\"\n\nThis is a multi-part message.\n--=_x\nContent-Type: text/plain; charset=iso-8859-1\n"
        "Content-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe\n\n--=_x\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\nPGI+R3LDvMOfZTwvYj4=\n\n--=_x--\n")
    add("real/attachment", multipart("--b\n" + TEXT + "see\n\n--b\nContent-Type: application/pdf; name=\"r.pdf\"\nContent-Transfer-Encoding: base64\n"
        "Content-Disposition: attachment; filename=\"r.pdf\"\n\nJVBERi0xLjQK\n\n--b--\n"))
    add("real/related", multipart("--b\nContent-Type: text/html\n\n<img src=\"cid:1\">\n\n--b\nContent-Type: image/png\nContent-ID: <1>\nContent-Disposition: inline\n"
        "Content-Transfer-Encoding: base64\n\niVBORw0KGgo=\n\n--b--\n", kind="related", more='; type="text/html"; start="<0>"'))
    add("real/signed", multipart("--b\n" + TEXT + "signed\n\n--b\nContent-Type: application/pgp-signature; name=\"signature.asc\"\nContent-Description: OpenPGP digital signature\n\n-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----\n\n--b--\n",
        kind="signed", more="; micalg=pgp-sha256; protocol=\"application/pgp-signature\""))
    add("real/bounce", multipart("This is the mail system.\n\n--b\nContent-Description: Notification\n" + TEXT + "Sorry.\n\n--b\nContent-Description: Delivery report\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n--b\nContent-Description: Undelivered Message\n"
        "Content-Type: message/rfc822\n\nReturn-Path: <a@b>\nReceived: from x\n\tby y; Sat, 21 Nov 2026 07:00:00 +0000\nFrom: a@b\nTo: c@d\nSubject: lost\n\nlost body\n\n--b--\n", kind="report", more="; report-type=delivery-status"))
    add("real/headers-only-part", multipart("--b\nContent-Type: text/rfc822-headers\n\nFrom: a@b\nSubject: h\n\n--b--\n"))
    add("real/calendar", multipart("--b\nContent-Type: text/calendar; method=REQUEST; charset=UTF-8\nContent-Transfer-Encoding: 7bit\n\nBEGIN:VCALENDAR\nEND:VCALENDAR\n\n--b--\n"))


def shuffled():
    """Lines of all these, thrown together: whatever comes, both servers must find the same parts."""
    pieces = ["--b", "--b--", "--c", "--c--", "", "", "text", "Content-Type: text/plain", 'Content-Type: multipart/mixed; boundary="c"', "Content-Type: message/rfc822",
              "Subject: s", " folded", "From: a@b", "--", "-", "--bc", "Content-Type: multipart/digest; boundary=c", "Content-Type: image/png", "garbage"]
    for seed in range(80):
        chance = random.Random(seed)
        body = "\n".join(chance.choice(pieces) for _ in range(chance.randint(5, 40)))
        add(f"shuffled/{seed:02d}", multipart(body + ("\n" if chance.random() < 0.7 else "")))


for make in (boundaries, nesting, messages, content_types, other_fields, rfc2231, envelopes, lines, real, shuffled):
    make()


def stored(data: bytes) -> bytes:
    """As the store keeps it: a bare LF gets its CR (common/store/line_form.h)."""
    out = bytearray()
    for index, octet in enumerate(data):
        if octet == 10 and (index == 0 or data[index - 1] != 13):
            out.append(13)
        out.append(octet)
    return bytes(out)
