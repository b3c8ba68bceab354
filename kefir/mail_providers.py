"""Providers that take mail over an API instead of SMTP: what each calls its key, and what signs its word on bounces."""

KEYS = {
    "brevo": ("BREVO_API_KEY", "WEBHOOK_SECRET"),
    "mailersend": ("MAILERSEND_API_TOKEN", "MAILERSEND_SIGNING_SECRET"),
    "mailgun": ("MAILGUN_API_KEY", "MAILGUN_WEBHOOK_SIGNING_KEY"),
    "mandrill": ("MANDRILL_API_KEY", "MANDRILL_WEBHOOK_KEY"),
    "postmark": ("POSTMARK_SERVER_TOKEN", "WEBHOOK_SECRET"),
    "sendgrid": ("SENDGRID_API_KEY", "WEBHOOK_SECRET"),
    "sparkpost": ("SPARKPOST_API_KEY", "WEBHOOK_SECRET"),
}
