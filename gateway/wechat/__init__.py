"""The WeChat door: what an official account and WeCom send, checked and read, and what they are answered."""
