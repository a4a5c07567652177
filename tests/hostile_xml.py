"""Hostile variants of a signed DCC, each by its name: what an attacker without the key can send."""

import copy
import re
from collections.abc import Callable

from lxml import etree

DS, XADES = "http://www.w3.org/2000/09/xmldsig#", "http://uri.etsi.org/01903/v1.3.2#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
HTTP = "http://127.0.0.1:9/"
Edit = Callable[[etree._Element, etree._Element], None]


def variants(signed: bytes, other: bytes, stranger: bytes) -> dict[str, bytes]:
    """Of a signed DCC; `other` is another one of the same signer, `stranger` the same content signed by a stranger."""
    made = {**_declarations(signed), **_text(signed), **_sizes(signed)}
    for name, edit in {**_wrapping(other), **_references(), **_keys(stranger)}.items():
        root = etree.fromstring(signed)
        edit(root, _signature(root))
        made[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    for name, (old, new) in _algorithms().items():
        changed = re.sub(old, new, signed.decode(), count=1).encode()
        assert changed != signed, name
        made[name] = changed
    assert all(data != signed for data in made.values())
    return made


def _signature(root: etree._Element) -> etree._Element:
    found = root.find(f"{{{DS}}}Signature")
    assert found is not None
    return found


def _find(parent: etree._Element, name: str) -> etree._Element:
    found = next(parent.iter(name), None)
    assert found is not None, name
    return found


def _declarations(signed: bytes) -> dict[str, bytes]:
    body = signed.split(b"?>", 1)[1].strip()
    root = b"digitalCalibrationCertificate"
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))

    def doctype(internal: bytes, external: bytes = b"") -> bytes:
        return b'<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE %s%s [%s]>' % (root, external, internal) + body

    xinclude = b'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="%s"%s/></dcc:digitalCalibrationCertificate>'
    end = b"</dcc:digitalCalibrationCertificate>"
    return {
        "external entity, file": doctype(b'<!ENTITY e SYSTEM "file:///etc/passwd">').replace(b"DEMO-1", b"&e;"),
        "external entity, http": doctype(b'<!ENTITY e SYSTEM "%s">' % HTTP.encode()).replace(b"DEMO-1", b"&e;"),
        "parameter entity": doctype(b'<!ENTITY %% p SYSTEM "%s"> %%p;' % HTTP.encode()),
        "billion laughs": doctype(b'<!ENTITY l0 "ha">' + laughs).replace(b"DEMO-1", b"&l9;"),
        "quadratic expansion": doctype(b'<!ENTITY q "%s">' % (b"q" * 50_000)).replace(b"DEMO-1", b"&q;" * 5000),
        "recursive entity": doctype(b'<!ENTITY a "&b;"><!ENTITY b "&a;">').replace(b"DEMO-1", b"&a;"),
        "external DTD": doctype(b"", b' SYSTEM "%s"' % HTTP.encode()),
        "public DTD": doctype(b"", b' PUBLIC "-//X" "%s"' % HTTP.encode()),
        "DTD gives attributes": doctype(b"<!ATTLIST %s schemaVersion CDATA '2.3.0'>" % root),
        "notation": doctype(b'<!NOTATION n SYSTEM "%s">' % HTTP.encode()),
        "empty doctype": doctype(b""),
        "doctype in UTF-16": doctype(b"").decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        "doctype in UTF-16BE": doctype(b"").decode().replace("UTF-8", "UTF-16BE").encode("utf-16-be"),
        "doctype after a byte order mark": b"\xef\xbb\xbf" + doctype(b""),
        "UTF-7": b'<?xml version="1.0" encoding="UTF-7"?>' + body,
        "unknown encoding": b'<?xml version="1.0" encoding="x-none"?>' + body,
        "XInclude of a file": signed.replace(end, xinclude % (b"file:///etc/passwd", b' parse="text"')),
        "XInclude over http": signed.replace(end, xinclude % (HTTP.encode(), b"")),
        "second root": signed + b"<x/>",
        "cut off": signed[: len(signed) // 2],
    }


def _text(signed: bytes) -> dict[str, bytes]:
    number = re.search(rb"<dcc:uniqueIdentifier>([^<]+)<", signed)
    value = re.search(rb"<si:value>([^<]+)<|<si:valueXMLList>([^<]+)<", signed)
    assert number
    assert value
    found = value[1] or value[2]

    def split(text: bytes, with_: bytes) -> bytes:
        return signed.replace(b">" + text + b"<", b">" + text[:2] + with_ + text[2:] + b"<", 1)

    return {
        "comment in the number": split(number[1], b"<!-- -->"),
        "comment in a value": split(found, b"<!---->"),
        "CDATA in the number": signed.replace(b">" + number[1] + b"<", b"><![CDATA[" + number[1] + b"]]><", 1),
        "CDATA in a value": split(found, b"<![CDATA[]]>"),
        "processing instruction": split(found, b"<?x y?>"),
        "stylesheet": signed.replace(b"?>", b'?><?xml-stylesheet href="%s"?>' % HTTP.encode(), 1),
        "number changed": signed.replace(number[1], number[1][:-1] + b"9", 1),
        "value changed": split(found, b"1"),
        "invalid UTF-8": split(number[1], b"\xff"),
        "null byte": split(number[1], b"\0"),
    }


def _sizes(signed: bytes) -> dict[str, bytes]:
    start = signed.index(b">", signed.index(b"<dcc:digitalCalibrationCertificate"))
    names = b"".join(b' xmlns:n%d="urn:%d"' % (n, n) for n in range(100_000))
    attributes = b"".join(b' a%d=""' % n for n in range(450_000))
    return {
        "100,000 levels": signed[: start + 1] + b"<a>" * 100_000 + signed[start + 1 :],
        "50 MB": signed[: start + 1] + b" " * (50 * 2**20) + signed[start + 1 :],
        "a million elements": signed[: start + 1] + b"<a/>" * 1_000_000 + signed[start + 1 :],
        "many attributes": signed[:start] + attributes + signed[start:],
        "many attributes, fewer than the gate's bound": signed[:start]
        + attributes[: len(attributes) // 2]
        + signed[start:],
        "as many namespaces as are accepted": signed[:start] + names[: len(names) // 11] + signed[start:],
        "many namespaces": signed[:start] + names + signed[start:],
        "a name of a million letters": signed[: start + 1] + b"<" + b"a" * 1_000_000 + b"/>" + signed[start + 1 :],
    }


def _wrapping(other: bytes) -> dict[str, Edit]:
    def first(root: etree._Element, signature: etree._Element) -> None:
        root.insert(0, signature)

    def nested(root: etree._Element, signature: etree._Element) -> None:
        root[0].append(signature)

    def in_an_object(root: etree._Element, signature: etree._Element) -> None:
        held = copy.deepcopy(root)
        held.remove(_signature(held))
        etree.SubElement(signature, f"{{{DS}}}Object").append(held)
        _find(root, "{*}uniqueIdentifier").text = "YJZ-440100-2026-999999"

    def beside(root: etree._Element, signature: etree._Element) -> None:
        root.insert(0, copy.deepcopy(root))

    def original_kept_beside(root: etree._Element, signature: etree._Element) -> None:
        held = copy.deepcopy(root)
        held.set("Id", "held")
        _find(signature, f"{{{DS}}}Reference").set("URI", "#held")
        root.insert(0, held)
        _find(root[1], "{*}uniqueIdentifier").text = "YJZ-440100-2026-999999"

    def twice(root: etree._Element, signature: etree._Element) -> None:
        root.append(copy.deepcopy(signature))

    def of_another(root: etree._Element, signature: etree._Element) -> None:
        root.replace(signature, _signature(etree.fromstring(other)))

    def two_of_different(root: etree._Element, signature: etree._Element) -> None:
        root.append(_signature(etree.fromstring(other)))

    def double_ids(root: etree._Element, signature: etree._Element) -> None:
        same = _find(signature, f"{{{XADES}}}SignedProperties").get("Id")
        root[0].set("Id", str(same))

    def id_twice(root: etree._Element, signature: etree._Element) -> None:
        properties = _find(signature, f"{{{XADES}}}SignedProperties")
        properties.addnext(copy.deepcopy(properties))

    def more_properties(root: etree._Element, signature: etree._Element) -> None:
        found = _find(signature, f"{{{XADES}}}QualifyingProperties")
        found.addnext(copy.deepcopy(found))

    def more_properties_in_another_object(root: etree._Element, signature: etree._Element) -> None:
        found = _find(signature, f"{{{XADES}}}QualifyingProperties")
        etree.SubElement(signature, f"{{{DS}}}Object").append(copy.deepcopy(found))

    def unsigned_properties(root: etree._Element, signature: etree._Element) -> None:
        found = _find(signature, f"{{{XADES}}}QualifyingProperties")
        etree.SubElement(
            etree.SubElement(found, f"{{{XADES}}}UnsignedProperties"), f"{{{XADES}}}SigningTime"
        ).text = "x"

    def strange_object(root: etree._Element, signature: etree._Element) -> None:
        etree.SubElement(signature, f"{{{DS}}}Object").text = "anything"

    def text_in_the_object(root: etree._Element, signature: etree._Element) -> None:
        _find(signature, f"{{{DS}}}Object").text = "anything"

    def text_among_the_properties(root: etree._Element, signature: etree._Element) -> None:
        _find(signature, f"{{{XADES}}}SignedProperties").tail = "anything"

    def after_the_signature(root: etree._Element, signature: etree._Element) -> None:
        etree.SubElement(root, "extra").text = "anything"

    def tail(root: etree._Element, signature: etree._Element) -> None:
        signature.tail = "more"

    found = (
        first, nested, in_an_object, beside, original_kept_beside, twice, of_another, two_of_different, double_ids,
        id_twice, more_properties, more_properties_in_another_object, unsigned_properties, strange_object,
        text_in_the_object, text_among_the_properties, after_the_signature, tail,
    )  # fmt: skip
    return {f"wrapping: {edit.__name__}": edit for edit in found}


def _references() -> dict[str, Edit]:
    def uri(value: str) -> Edit:
        return lambda root, signature: _find(signature, f"{{{DS}}}Reference").set("URI", value)

    def removed(position: int) -> Edit:
        def edit(root: etree._Element, signature: etree._Element) -> None:
            found = list(signature.iter(f"{{{DS}}}Reference"))[position]
            found.getparent().remove(found)

        return edit

    def all_removed(root: etree._Element, signature: etree._Element) -> None:
        for found in list(signature.iter(f"{{{DS}}}Reference")):
            found.getparent().remove(found)

    def one_more(root: etree._Element, signature: etree._Element) -> None:
        found = _find(signature, f"{{{DS}}}Reference")
        found.addnext(copy.deepcopy(found))

    def no_transforms(root: etree._Element, signature: etree._Element) -> None:
        found = _find(signature, f"{{{DS}}}Transforms")
        found.getparent().remove(found)

    def transform(algorithm: str) -> Edit:
        def edit(root: etree._Element, signature: etree._Element) -> None:
            etree.SubElement(_find(signature, f"{{{DS}}}Transforms"), f"{{{DS}}}Transform", Algorithm=algorithm)

        return edit

    def value(name: str) -> Edit:
        def edit(root: etree._Element, signature: etree._Element) -> None:
            found = _find(signature, f"{{{DS}}}{name}")
            found.text = ("B" if str(found.text)[0] != "B" else "C") + str(found.text)[1:]

        return edit

    def no_signature(root: etree._Element, signature: etree._Element) -> None:
        root.remove(signature)

    return {
        "reference over http": uri(HTTP),
        "reference to a file": uri("file:///etc/passwd"),
        "reference by XPointer": uri("#xpointer(/)"),
        "reference to nothing": uri("#nothing"),
        "document not referenced": removed(0),
        "certificate not referenced": removed(1),
        "properties not referenced": removed(2),
        "no reference": all_removed,
        "one reference more": one_more,
        "no transforms": no_transforms,
        "XSLT": transform("http://www.w3.org/TR/1999/REC-xslt-19991116"),
        "XPath": transform("http://www.w3.org/TR/1999/REC-xpath-19991116"),
        "XPath filter": transform("http://www.w3.org/2002/06/xmldsig-filter2"),
        "base64": transform(f"{DS}base64"),
        "unknown transform": transform("urn:x"),
        "digest changed": value("DigestValue"),
        "signature value changed": value("SignatureValue"),
        "signature removed": no_signature,
    }


def _keys(stranger: bytes) -> dict[str, Edit]:
    def key_info(root: etree._Element, signature: etree._Element) -> None:
        theirs = _find(_signature(etree.fromstring(stranger)), f"{{{DS}}}KeyInfo")
        signature.replace(_find(signature, f"{{{DS}}}KeyInfo"), theirs)

    def whole_signature(root: etree._Element, signature: etree._Element) -> None:
        root.replace(signature, _signature(etree.fromstring(stranger)))

    def both_certificates(root: etree._Element, signature: etree._Element) -> None:
        theirs = _find(_signature(etree.fromstring(stranger)), f"{{{DS}}}X509Certificate")
        _find(signature, f"{{{DS}}}X509Data").insert(0, theirs)

    def no_certificate(root: etree._Element, signature: etree._Element) -> None:
        found = _find(signature, f"{{{DS}}}X509Data")
        found.getparent().remove(found)

    def retrieval(root: etree._Element, signature: etree._Element) -> None:
        etree.SubElement(_find(signature, f"{{{DS}}}KeyInfo"), f"{{{DS}}}RetrievalMethod", URI=HTTP)

    def time(text: str) -> Edit:
        def edit(root: etree._Element, signature: etree._Element) -> None:
            _find(signature, f"{{{XADES}}}SigningTime").text = text

        return edit

    def no_time(root: etree._Element, signature: etree._Element) -> None:
        found = _find(signature, f"{{{XADES}}}SigningTime")
        found.getparent().remove(found)

    return {
        "key of a stranger": key_info,
        "signature of a stranger": whole_signature,
        "two certificates": both_certificates,
        "no certificate": no_certificate,
        "key retrieved over http": retrieval,
        "another signing time": time("2026-11-24T08:29:59Z"),
        "no signing time": no_time,
        "signing time that is none": time("yesterday"),
    }


def _algorithms() -> dict[str, tuple[str, str]]:
    signature = r'(SignatureMethod Algorithm=)"[^"]+"'
    digest = r'(DigestMethod Algorithm=)"[^"]+"'
    canonical = r'(CanonicalizationMethod Algorithm=)"[^"]+"'
    return {
        "HMAC": (signature, rf'\1"{DS}hmac-sha1"'),
        "HMAC with SHA-256": (signature, rf'\1"{MORE}hmac-sha256"'),
        "RSA instead of ECDSA": (signature, rf'\1"{MORE}rsa-sha256"'),
        "RSA with SHA-1": (signature, rf'\1"{DS}rsa-sha1"'),
        "ECDSA with SHA-1": (signature, rf'\1"{MORE}ecdsa-sha1"'),
        "unknown signature": (signature, r'\1"urn:x"'),
        "digest SHA-1": (digest, rf'\1"{DS}sha1"'),
        "digest MD5": (digest, rf'\1"{MORE}md5"'),
        "exclusive canonicalisation": (canonical, r'\1"http://www.w3.org/2001/10/xml-exc-c14n#"'),
        "canonicalisation with comments": (canonical, r'\1"http://www.w3.org/2006/12/xml-c14n11#WithComments"'),
        "unknown canonicalisation": (canonical, r'\1"urn:x"'),
        "schema version changed": (r'schemaVersion="[^"]+"', 'schemaVersion="2.3.0"'),
    }
