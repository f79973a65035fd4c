# Arms of experiments, assigned in Varnish. Include it in varnish.vcl, behind the imports: it runs first then.
#
# A reader has a cookie of a random id and a place from 0 to 9999, which never changes. The experiments and their
# shares are in newshole_arms. ../edge.md tells the rest.

sub newshole_arms {
    # 40% take part, half of them in each arm. To let more in, widen each range at its end: nobody changes arms.
    set req.http.X-Place = regsub(req.http.X-Edge, "^[-0-9]+\.", "");
    if (std.integer(req.http.X-Place, 9999) < 2000) {
        set req.http.X-Arms = "wider-gaps=control";
    } elsif (std.integer(req.http.X-Place, 9999) >= 5000 && std.integer(req.http.X-Place, 9999) < 7000) {
        set req.http.X-Arms = "wider-gaps=wide";
    }
    unset req.http.X-Place;
}

# The reader's cookies without the id.
sub newshole_nobody {
    set req.http.Cookie = regsuball(req.http.Cookie, "(^|; *)nh_edge=[^;]*", "");
    set req.http.Cookie = regsub(req.http.Cookie, "^; *", "");
    if (req.http.Cookie == "") {
        unset req.http.Cookie;
    }
}

sub vcl_recv {
    if (req.restarts == 0) {
        # Only this file says what arms a reader has.
        unset req.http.X-Arms;
        unset req.http.X-Edge;
        unset req.http.X-Edge-New;
    }
    if (req.http.Cookie !~ "(^|; *)consent=([^;]*[ ,])?ads([ ,;]|$)") {
        # Only who has agreed has an id, and who takes that back has none from then on: put your consent platform's
        # cookie in the place of this one.
        call newshole_nobody;
    } elsif (req.http.Cookie ~ "(^|; *)nh_edge=[0-9]{9}-[0-9]{9}\.[0-9]{1,4}(;|$)") {
        set req.http.X-Edge = regsub(req.http.Cookie, "^(.*; *)?nh_edge=([0-9]{9}-[0-9]{9}\.[0-9]{1,4})(;.*)?$", "\2");
    } elsif (req.method == "GET") {
        set req.http.X-Edge = std.real2integer(std.random(100000000, 999999999), 0)
            + "-" + std.real2integer(std.random(100000000, 999999999), 0)
            + "." + std.real2integer(std.random(0, 9999), 0);
        set req.http.X-Edge-New = "yes";
    }
    if (req.http.X-Edge) {
        call newshole_arms;
    }
    # Events tell of their reader. Pages are kept for all who have the same arms.
    if (req.url ~ "^/_newshole/events(\?|$)") {
        return (pass);
    }
    call newshole_nobody;
}

sub vcl_deliver {
    if (req.http.X-Edge-New && resp.status == 200) {
        # The cookie is for this reader alone, and so is the response that sets it.
        set resp.http.Set-Cookie = "nh_edge=" + req.http.X-Edge
            + "; Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Lax";
        set resp.http.Cache-Control = "private, no-cache";
    }
    if (resp.http.Vary) {
        set resp.http.Vary = regsuball(resp.http.Vary, "(?i)X-Arms", "Cookie");
    }
}
