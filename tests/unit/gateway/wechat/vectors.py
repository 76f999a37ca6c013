"""Pushes whose every byte is known. A and B are the platform's own samples (recomputed for the facts file); C is ours.

C was made with bash, base64, openssl and sha1sum, not with our codec: `openssl enc -aes-256-cbc -nopad` over 16 characters of "random",
the length, the message, the corpid and the padding; `sort | tr -d '\\n' | sha1sum` for the signature.
"""

from __future__ import annotations

from datetime import datetime, timezone

from gateway.wechat.crypto import Codec


def at(timestamp: str, seconds: int = 2) -> datetime:
    """Some seconds after a push was signed."""
    return datetime.fromtimestamp(int(timestamp) + seconds, timezone.utc)


A_TOKEN, A_KEY, A_APPID = "AAAAA", "A" * 43, "wxba5fad812f8e6fb9"
A_VERIFY = {
    "signature": "f464b24fc39322e44b38aa78f5edd27bd1441696",
    "timestamp": "1714036504",
    "nonce": "1514711492",
    "echostr": "4375120948345356249",
}
A_PLAIN = {
    "signature": "899cf89e464efb63f54ddac96b0a0a235f53aa78",
    "timestamp": "1714037059",
    "nonce": "486452656",
}
A_SAFE = {
    "timestamp": "1714112445",
    "nonce": "415670741",
    "openid": "o9AgO5Kd5ggOC-bXrbNODIiE3bGY",
    "encrypt_type": "aes",
    "msg_signature": "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
}
A_ENCRYPT = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVza"
    "zhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwK"
    "SqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)
A_REPLY = '{"demo_resp":"good luck"}'
A_REPLY_RANDOM = b"707722b803182950"
A_REPLY_ENCRYPT = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
A_REPLY_TIMESTAMP, A_REPLY_NONCE = "1713424427", "415670741"
A_REPLY_SIGNATURE = "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"

B_TOKEN, B_KEY, B_CORPID = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7"
B_VERIFY = {
    "msg_signature": "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
    "timestamp": "1409659589",
    "nonce": "263014780",
    "echostr": "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
}
B_PUSH = {
    "msg_signature": "477715d11cdb4164915debcba66cb864d751f3e6",
    "timestamp": "1409659813",
    "nonce": "1372623149",
}
B_ENCRYPT = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg"
    "3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+k"
    "DZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6ti"
    "WSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p"
    "8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="
)

C_TOKEN, C_KEY, C_CORPID = "LinsheKf2026", "7QcVbX2mJpRt9LwZk4HsNf1DyG8uEa3iBoTxPd6qWeM", "ww06f58084deeaaaea"
C_VERIFY = {
    "msg_signature": "0f2b885d09fb80509f6e52f25e47ee04b534ffa3",
    "timestamp": "1795485650",
    "nonce": "776531401",
    "echostr": "3etZ7BmfN2MjHnIwO8o7itL6k3MCINaEB/VI0+yls6dnj2RLcRT/dzlG19bwYAWZL4gHGs7HOqZoSAgasrkK8Q==",
}
C_PUSH = {
    "msg_signature": "84b88a0923ae4322d9fbe8b4cbe93dcd6fabd815",
    "timestamp": "1795485701",
    "nonce": "982451653",
}
C_ENCRYPT = (
    "FqphwzJR8GNDVa54jjBByhHpaEuzMZWvK7FMIhD5dcMlSgU+5vrvkXOKGjV8wsjDjVjjoTFD8d4fMy5beig7jEI0F7b45XogCGXL"
    "ObENkT3D5KdcVi7WP/3yvsxZRicDmO64Xu0AZnYITfejqzbyj6btO/LYyaWeki4QZRpI8S+GW/MUNob/iVaNOqzjo/UviwxpdRq5"
    "WqGo/yLG6R9DUaiufqGajnlSpueMBTDgCT20CbN+slVP9zoK1MPFJN6I4pub6NSZ30cT9bYUTk3PTHyxJijc3kv7hNoTSnuGhgyI"
    "6n1UQYun5FtqCxs7Jwr7NlxrMvK8Mgimo0udOc3TIb7uHD6fTi4J1WbRwRMlL9/rb7VZ9Aov4QRleWM7b2lFVnD8Z92O42IMHrpJ"
    "6gNj/XScGT07yJlSjPrHALGIoaI+bF2XbGdOg+o+UNO1bNuJzSKDkRinEqSeAyh1y8I2JYQIcTceGX2iDacNzrxwsIBOfQnx/BKr"
    "U6RKE1ZcJIJh"
)


def a_codec(*older: str) -> Codec:
    return Codec(A_TOKEN, A_APPID, (A_KEY, *older))


def b_codec() -> Codec:
    return Codec(B_TOKEN, B_CORPID, (B_KEY,))


def c_codec() -> Codec:
    return Codec(C_TOKEN, C_CORPID, (C_KEY,))


def envelope(encrypted: str) -> bytes:
    return f"<xml><ToUserName><![CDATA[gh]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()
