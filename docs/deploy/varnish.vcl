# Varnish 7 in front of newshole: pages are kept by device and consent, and purged by tag and address.
#
# It needs the modules of Debian's varnish-modules (xkey), and newshole with surrogate="Surrogate-Key".
# Change the backend, the purgers, and the cookies. ../cdn.md tells the rest.

vcl 4.1;

import cookie;
import purge;
import std;
import xkey;

backend newshole {
    .host = "127.0.0.1";
    .port = "8000";
    .connect_timeout = 1s;
    .first_byte_timeout = 30s;
    .between_bytes_timeout = 10s;
    .probe = {
        .url = "/_newshole/ready";
        .interval = 1s;
        .timeout = 1s;
        .window = 3;
        .threshold = 2;
        .initial = 1;
    }
}

# Who may purge: by the address that connects here, which is that of a TLS terminator for all who come through it.
acl purgers {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    if (req.restarts == 0) {
        # Only this file says what a reader is. The rules name these headers in "vary".
        unset req.http.X-Device;
        unset req.http.X-Consent;
        unset req.http.X-Purged;
    }
    if (req.method == "PURGE") {
        call purge_request;
    }
    # The built-in rules would pipe these, and whatever follows on the connection past this file.
    if (req.method !~ "^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$") {
        return (synth(405, "Method Not Allowed"));
    }
    if (req.http.Upgrade ~ "(?i)websocket") {
        return (pipe);
    }
    set req.http.Host = std.tolower(req.http.Host);
    # Pages vary by what scripts ask for parts with; browsers that do not say so ask for a document too.
    if (req.http.Sec-Fetch-Dest == "document") {
        unset req.http.Sec-Fetch-Dest;
    }
    call tell_device;
    call tell_consent;
    # While newshole is well no page is served after its time, which ends where a page changes by itself.
    if (std.healthy(req.backend_hint)) {
        set req.grace = 0s;
    }
    # The built-in rules follow: other methods than GET and HEAD, Authorization, and cookies that are left pass.
}

sub purge_request {
    if (client.ip !~ purgers) {
        return (synth(403, "Forbidden"));
    }
    if (req.http.X-Purge-All) {
        ban("obj.status != 0");
        return (synth(200, "Purged"));
    }
    if (req.http.X-Purge-Tags) {
        if (req.http.X-Purge-Soft) {
            set req.http.X-Purged = xkey.softpurge(req.http.X-Purge-Tags);
        } else {
            set req.http.X-Purged = xkey.purge(req.http.X-Purge-Tags);
        }
        return (synth(200, "Purged"));
    }
    set req.http.Host = std.tolower(req.http.Host);
    return (hash);
}

# As newshole tells it where nothing in front does: client hints first, tablets are desktops.
sub tell_device {
    set req.http.X-Device = "desktop";
    if (req.http.Sec-CH-UA-Mobile == "?1") {
        set req.http.X-Device = "mobile";
    } elsif (req.http.Sec-CH-UA-Mobile != "?0"
             && req.http.User-Agent ~ "Mobi|Opera Mini|BlackBerry|Windows Phone"
             && req.http.User-Agent !~ "iPad|Tablet") {
        set req.http.X-Device = "mobile";
    }
}

# The cookie of your consent platform in few words, for each of them makes a version of every page.
sub tell_consent {
    cookie.parse(req.http.Cookie);
    set req.http.X-Consent = "none";
    if (cookie.get("consent") ~ "(^|[ ,])ads($|[ ,])") {
        set req.http.X-Consent = "ads";
    }
    # These decide nothing in the site. A request with any other cookie is never answered from here, and keeps all:
    # a cookie that is missing in this list costs a hit, one too many shows a reader another one's page.
    cookie.filter_re("^(consent|_ga|_ga_.*|_gid|_gat.*|_gcl_.*|_fbp|_fbc|__utm.*|_pk_.*|__gads|__gpi|__eoi)$");
    if (cookie.get_string() == "") {
        unset req.http.Cookie;
    }
}

sub vcl_pipe {
    set bereq.http.Upgrade = req.http.Upgrade;
    set bereq.http.Connection = req.http.Connection;
}

sub vcl_hit {
    if (req.method == "PURGE") {
        call purge_page;
    }
}

sub vcl_miss {
    if (req.method == "PURGE") {
        call purge_page;
    }
}

# Every version of one address.
sub purge_page {
    if (req.http.X-Purge-Soft) {
        set req.http.X-Purged = purge.soft(0s);
    } else {
        set req.http.X-Purged = purge.hard();
    }
    return (synth(200, "Purged"));
}

sub vcl_synth {
    if (req.http.X-Purged) {
        set resp.http.X-Purged = req.http.X-Purged;
    }
}

sub vcl_backend_response {
    if (beresp.http.Surrogate-Key) {
        std.collect(beresp.http.Surrogate-Key, " ");
        set beresp.http.xkey = beresp.http.Surrogate-Key;
    }
    # What does not say how long it lasts is not kept; Varnish would keep it for two minutes.
    if (beresp.http.Cache-Control !~ "(?i)(^|[ ,])(s-maxage|max-age) *=" && !beresp.http.Expires) {
        set beresp.ttl = 120s;
        set beresp.uncacheable = true;
        return (deliver);
    }
    # Served after its time only while newshole does not answer.
    set beresp.grace = 6h;
    if (beresp.status >= 500 && bereq.is_bgfetch) {
        return (abandon);
    }
}

sub vcl_deliver {
    unset resp.http.Surrogate-Key;
    unset resp.http.xkey;
    # The headers that are made here are told to nobody; what they were made from is.
    if (resp.http.Vary) {
        set resp.http.Vary = regsuball(resp.http.Vary, "(?i)X-Device", "Sec-CH-UA-Mobile, User-Agent");
        set resp.http.Vary = regsuball(resp.http.Vary, "(?i)X-Consent", "Cookie");
    }
}
