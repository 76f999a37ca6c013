"""A simulator of the WeChat and WeCom platforms, to try the door against: `./linshe wechat simulate`.

It stands where the platforms stand and knows nothing of the gateway: its codec, its quotas and its bookkeeping are its own,
so that what both sides get wrong in the same way cannot hide. Constants carry the grade of the facts they rest on:
[V] executed or read in library source,
[D] official documentation in a stored copy, [I] issue or community post, [G] general knowledge. No live server was ever asked.
"""
