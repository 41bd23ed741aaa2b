"""One router a subject. They translate: schema in, service call, schema out."""
