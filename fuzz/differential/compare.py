"""Compares what core reads in mutated inputs with what Python's parsers read: expat for XML, http.client for HTTP.

    mutations xml 300000 1 | python3 compare.py xml

Exit status 1 where they disagree, with the first inputs on which they do.
"""

import http.client
import io
import re
import struct
import sys
from collections import Counter
from xml.parsers import expat


def frames(stream):
    """Yields pairs of an input and core's verdict on it."""
    while True:
        parts = []
        for _ in range(2):
            head = stream.read(4)
            if len(head) < 4:
                return
            parts.append(stream.read(struct.unpack("<I", head)[0]))
        yield parts


class Document:
    """What expat reads in a document."""

    def __init__(self, source):
        self.elements, self.open = [], []
        self.doctype = self.odd_name = self.many_attributes = False
        self.depth = 0
        self.version, self.encoding = "1.0", None
        parser = expat.ParserCreate()
        parser.ordered_attributes = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.StartDoctypeDeclHandler = self.declare_doctype
        parser.XmlDeclHandler = self.declare_xml
        try:
            parser.Parse(source, True)
            self.error = None
        except (expat.ExpatError, ValueError, LookupError) as error:
            self.error = str(error)

    def start(self, name, attributes):
        names = [name, *attributes[::2]]
        # Namespaces in XML: at most one colon, with a name on both sides.
        self.odd_name |= any(n.count(":") > 1 for n in names)
        parts = [part for name in names for part in name.split(":")]
        self.odd_name |= any(not re.match(r"[^\W\d]", part) for part in parts)
        self.many_attributes |= len(attributes) > 2 * 32
        self.open.append(len(self.elements))
        self.depth = max(self.depth, len(self.open))
        self.elements.append([name.split(":", 1)[-1], ""])

    def end(self, _name):
        self.open.pop()

    def text(self, text):
        if self.open:
            self.elements[self.open[-1]][1] += text

    def declare_doctype(self, *_):
        self.doctype = True

    def declare_xml(self, version, encoding, _standalone):
        # expat leaves out the version of an external entity, and takes any text for one.
        self.version, self.encoding = "1.0" if version is None else version, encoding

    def may_be_refused(self):
        """Whether core refuses this, though it is well-formed: documented, and on purpose."""
        return (
            self.doctype
            or self.odd_name
            or self.many_attributes
            or self.depth > 16
            or (self.encoding or "utf-8").lower() != "utf-8"
            or not re.fullmatch(r"1\.[0-9]+", self.version)
        )


def with_plain_names(text):
    """XML 1.0 allows more characters in names since its fifth edition, which expat does not follow."""
    try:
        text = text.decode()
    except UnicodeDecodeError:
        return text
    begins, rest = text[:1], text[1:]
    if begins != "\ufeff":
        begins, rest = "", text
    return (begins + re.sub("[^\\x00-\\x7f]", "\u00e9", rest)).encode()


def with_plain_fields(source):
    """Equal lengths in a list, and a tab after a coding: RFC 9110 allows both, and http.client takes neither."""
    source = re.sub(rb"(?i)(content-length:[ \t]*)(\d+)([ \t]*,[ \t]*\2)+", rb"\1\2", source)
    return re.sub(rb"(?i)(transfer-encoding:[ \t]*chunked)[ \t]+", rb"\1", source)


def compare_xml(source, verdict):
    document = Document(source)
    if verdict.startswith(b"ok"):
        if document.error:
            return f"core accepts what expat does not: {document.error}"
        if document.odd_name:
            return "core accepts a name that Namespaces in XML does not"
        ours = verdict.decode().split("\0")[1:]
        theirs = [part for element in document.elements for part in element]
        return None if ours == theirs else f"core reads {ours}, expat {theirs}"
    if document.error or document.may_be_refused():
        return None
    # `xmlparser` wants a space in the one place where XML allows any white space.
    if re.match(rb"(\xef\xbb\xbf)?<\?xml[\t\r\n]", source):
        return None
    return f"core refuses what expat accepts: {verdict.decode()}"


class Socket:
    def __init__(self, source):
        self.source = source

    def makefile(self, *_):
        return io.BytesIO(self.source)


def compare_http(source, verdict):
    """What core accepts, http.client reads alike. Core refuses more, on purpose."""
    if not verdict.startswith(b"ok"):
        return None
    _, status, unread, body = verdict.split(b"\0", 3)
    try:
        response = http.client.HTTPResponse(Socket(source), method="GET")
        response.begin()
        # Core skips all informational responses, http.client only 100.
        if 100 < response.status < 200:
            return None
        # These have no body (RFC 9112 section 6.3), for http.client too unless it is chunked.
        theirs = (response.status, b"" if response.status in (204, 304) else response.read())
    except Exception as error:  # http.client documents no full list.
        if unread:
            return None
        return f"core accepts what http.client does not: {error!r}"
    if unread:
        return None if theirs[0] == int(status) else f"core reads {status}, http.client {theirs}"
    ours = (int(status), body)
    return None if ours == theirs else f"core reads {ours}, http.client {theirs}"


def main():
    compare, plain = {
        "xml": (compare_xml, lambda *both: map(with_plain_names, both)),
        "http": (compare_http, lambda source, verdict: (with_plain_fields(source), verdict)),
    }[sys.argv[1]]
    count, accepted, disagreements = 0, 0, Counter()
    for source, verdict in frames(sys.stdin.buffer):
        count += 1
        accepted += verdict.startswith(b"ok")
        why = compare(source, verdict)
        if why:
            # It may be theirs: once more, without what they are known not to follow.
            why = compare(*(plain(source, verdict)))
        if why:
            disagreements[why.split(":")[0]] += 1
            if sum(disagreements.values()) <= 5:
                print(f"{why}\n  {source!r}", file=sys.stderr)
    print(f"{count} inputs, {accepted} accepted, {sum(disagreements.values())} disagreements")
    sys.exit(1 if disagreements or not accepted else 0)


if __name__ == "__main__":
    main()
