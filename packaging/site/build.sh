#!/bin/sh
# build.sh OUT: the guide and the manual pages as HTML in OUT/html, by Zensical (PyPI, into OUT/venv) and
# mandoc. Run from the top of the repository.
set -eu
out=$1
zensical=0.0.73

mkdir -p "$out"
[ -x "$out/venv/bin/zensical" ] || {
  python3 -m venv "$out/venv"
  "$out/venv/bin/pip" install --quiet "zensical==$zensical"
}

rm -rf "$out/pages" "$out/html"
mkdir -p "$out/pages"
cp -R man/guide/. "$out/pages/"
cp packaging/site/mkdocs.yml "$out/mkdocs.yml"
# In the repository the figures stand beside what made them.
sed -e '/^`Tests\/Measured\/render/d' -e 's/](2-core-vm\/README.md)/](2-core-vm.md)/' \
  Tests/Measured/README.md >"$out/pages/measured.md"
sed -e 's/](\(crr\|rr\|udp-rr\)\.html)/](measured\/\1.html)/' -e 's/, \[results\]([a-z-]*\.jsonl)//' \
  Tests/Measured/2-core-vm/README.md >"$out/pages/2-core-vm.md"
find "$out/pages" -name '*.md' -exec sed -i -e 's|](../../Tests/Measured/README.md|](measured.md|' {} +

mkdir -p "$out/pages/man" "$out/pages/measured"
cp Tests/Measured/2-core-vm/*.html "$out/pages/measured/"
{
  echo '# Manual pages'
  echo
  for page in man/*.[17]; do
    name=$(basename "$page")
    # ".Nd print metrics …"
    about=$(sed -n 's/^\.Nd //p' "$page" | tr -d '"\\')
    echo "- [${name%.*}(${name##*.})](man/$name.html): $about"
  done
} >"$out/pages/manual.md"

(cd "$out" && venv/bin/zensical build --clean)
mkdir -p "$out/html/man"
cat >"$out/html/man/mandoc.css" <<'CSS'
body { max-width: 50em; margin: 2em auto; padding: 0 1em; font-family: sans-serif; line-height: 1.4 }
table.head, table.foot { width: 100% }
td.head-rtitle, td.foot-os { text-align: right }
td.head-vol { text-align: center }
div.Bd-indent { margin-left: 3em }
dd { margin-left: 3em }
code, pre, .Fl, .Nm, .Ic { font-family: monospace }
h1.Sh { font-size: 1.2em }
h2.Ss { font-size: 1.05em }
@media (prefers-color-scheme: dark) { body { background: #1e2129; color: #dde } a { color: #8bf } }
CSS
for page in man/*.[17]; do
  mandoc -T html -O style=mandoc.css,man=%N.%S.html "$page" >"$out/html/man/$(basename "$page").html"
done
echo "$out/html/index.html"
