// Serve the files of `ldnkg export` with nginx: which file, with which header fields, or which fault.

import crypto from 'crypto';
import fs from 'fs';
import facts from 'facts.js';
import negotiate from 'negotiate.js';

const PAGE = /^[1-9][0-9]{0,8}$/;
const LIST = /^\/class\/|\/(?:incoming|outgoing)\//;
const DATE = /^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT$/;
const METHODS = 'GET, HEAD, OPTIONS';
const PHRASES = { 404: 'Not Found', 405: 'Method Not Allowed', 406: 'Not Acceptable', 410: 'Gone', 416: 'Range Not Satisfiable' };
const WRITTEN = ['application/problem+json', 'text/html', 'text/plain'];

const has = (object, name) => Object.prototype.hasOwnProperty.call(object, name);
const first = (value) => (Array.isArray(value) ? value[0] : value);

// A header field in ASCII: what is no ASCII in it stands for nothing, and the engine must not stumble over it.
function field(r, name) {
  const value = r.headersIn[name];
  if (value === undefined) return undefined;
  let text = '';
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    text += code < 128 ? String.fromCharCode(code) : '?';
  }
  return text;
}

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (fault) {
    return null;
  }
}

function exists(file) {
  try {
    fs.accessSync(file);
    return true;
  } catch (fault) {
    return false;
  }
}

// What the type map of an address says: its path, its variants in order, the Link fields; null without one.
function choices(root, address) {
  const text = read(`${root}${address}.var`);
  if (text === null) return null;
  const found = { file: address, path: '', links: [], variants: [] };
  let links = found.links;
  text.split('\n').forEach((line) => {
    if (line.startsWith('# Path: ')) found.path = line.substring(8);
    if (line.startsWith('# Link: ')) links.push(line.substring(8));
    if (line.startsWith('URI: ')) {
      links = [];
      found.variants.push({ suffix: '', links, type: '' });
    }
    const variant = found.variants[found.variants.length - 1];
    if (line.startsWith('# Suffix: ')) variant.suffix = line.substring(10);
    if (line.startsWith('Content-Type: ')) variant.type = line.substring(14).replace(/; qs=.*/, '');
  });
  return found;
}

// What is known of the file at an address that has no variants; null when there is none.
function single(root, path) {
  const text = read(`${root}/.hosting/single/${digest(path)}.json`);
  return text === null ? null : JSON.parse(text);
}

const bare = (type) => type.split(';')[0];

// The choices for a path with the end of a file name, if they are those of this very path.
function at(root, path, end) {
  const found = choices(root, path + end);
  return found && decodeURIComponent(found.path) === facts.mount + path ? found : null;
}

// The variants at an address and the suffix asked for, if any; null when nothing is negotiated there.
function find(root, path, page) {
  const end = page > 1 && LIST.test(path) ? `.page-${page}` : '';
  const whole = at(root, path, end);
  if (whole) return { choices: whole, suffix: null };
  const name = path.lastIndexOf('/');
  for (let dot = path.lastIndexOf('.'); dot > name; dot = path.lastIndexOf('.', dot - 1)) {
    const stem = at(root, path.substring(0, dot), end);
    const suffix = path.substring(dot + 1);
    if (stem && stem.variants.some((each) => each.suffix === suffix)) return { choices: stem, suffix };
  }
  return null;
}

// Send a file, in the coding that the client likes best, or 304 when its copy is still good.
function send(r, root, file, type, vary, cache, ranges) {
  const codings = facts.codings.filter((each) => exists(`${root}${file}.${each.suffix}`));
  const token = negotiate.coding(field(r, 'Accept-Encoding'), codings.map((each) => each.token));
  if (token === null) return fail(r, 406, { detail: 'Nothing that is accepted can be sent here; accept identity.' });
  const coding = codings.find((each) => each.token === token);
  if (codings.length) vary.push('Accept-Encoding');
  r.variables.ldnkg_vary = vary.join(', ');
  r.variables.ldnkg_coding = token;
  r.variables.ldnkg_file = coding ? `${file}.${coding.suffix}` : file;
  r.variables.ldnkg_cache = cache;
  r.variables.ldnkg_etag = `"${facts.stamp}-${digest(file)}-${token || 'identity'}"`;
  const stat = fs.statSync(`${root}${r.variables.ldnkg_file}`);
  if (still(r, stat.mtimeMs)) {
    r.variables.ldnkg_link = r.variables.ldnkg_coding = '';
    r.status = 304;
    r.sendHeader();
    return r.finish();
  }
  if (ranges && beyond(field(r, 'Range'), stat.size)) {
    r.headersOut['Content-Range'] = `bytes */${stat.size}`;
    return fail(r, 416, { detail: `The file has ${stat.size} bytes.` });
  }
  return r.internalRedirect(`@ldnkg-${facts.types.indexOf(type)}${ranges ? '-in-ranges' : ''}`);
}

function digest(text) {
  return crypto.createHash('sha256').update(text).digest('hex').substring(0, 16);
}

// Whether all ranges of bytes begin behind the end (RFC 9110, section 14.1.2).
function beyond(range, size) {
  const asked = /^\s*bytes\s*=(.*)$/i.exec(range || '');
  const behind = (each) => /^\s*[0-9]+-[0-9]*\s*$/.test(each) && Number(each.split('-')[0]) >= size;
  return asked !== null && asked[1].split(',').every((each) => behind(each) || /^\s*-0+\s*$/.test(each));
}

// Whether the copy that the client has is still good (RFC 9110, section 13.2.2); nginx looks at the other conditions.
function still(r, changed) {
  const known = field(r, 'If-None-Match');
  if (known !== undefined) return known.trim() === '*' || known.split(',').some((each) => same(each, r));
  if (r.headersIn['If-Match'] !== undefined || r.headersIn['If-Unmodified-Since'] !== undefined) return false;
  const since = field(r, 'If-Modified-Since') || '';
  return DATE.test(since) && Math.floor(changed / 1000) * 1000 <= Date.parse(since);
}

// Weak comparison of entity tags (RFC 9110, section 8.8.3.2).
function same(tag, r) {
  return tag.trim().replace(/^W\//, '') === r.variables.ldnkg_etag;
}

function redirect(r, status, where, cache) {
  r.variables.ldnkg_cache = cache;
  return r.return(status, where);
}

// Where something was moved to, in the same format, or that it is gone; null for what is neither.
function leaves(path) {
  if (has(facts.moved, path)) return facts.moved[path];
  const suffix = facts.suffixes.find((each) => path.endsWith(`.${each}`) && path.startsWith('/doc/'));
  const stem = suffix === undefined ? '' : path.substring(0, path.length - suffix.length - 1);
  if (!has(facts.moved, stem)) return null;
  const found = Object.assign({}, facts.moved[stem]);
  if (found.location) found.location += `.${suffix}`;
  return found;
}

// A fault for a program (RFC 9457), a browser or a terminal; without a page (null) a browser reads the sentence.
function fail(r, status, told, page) {
  const liked = WRITTEN[Math.max(0, negotiate.format(field(r, 'Accept'), WRITTEN))];
  const type = page === null && liked === 'text/html' ? 'text/plain' : liked;
  r.variables.ldnkg_vary = 'Accept';
  r.variables.ldnkg_cache = 'no-cache';
  r.headersOut['Content-Type'] = type === WRITTEN[0] ? type : `${type}; charset=utf-8`;
  if (status === 405) r.headersOut.Allow = METHODS;
  if (type === 'text/html') {
    const html = read(`${r.variables.ldnkg_root}/${page || `${status}.html`}`);
    if (html !== null) return r.return(status, html);
  }
  if (type === 'text/plain') {
    const lines = (told.variants || told.replacements || []).map((each) => `${each.title || each.type}: ${each.href}`);
    return r.return(status, [`${status} ${PHRASES[status]}`, told.detail].concat(lines).join('\n') + '\n');
  }
  const problem = { type: 'about:blank', title: PHRASES[status], status };
  Object.assign(problem, told, { instance: r.variables.request_uri });
  return r.return(status, JSON.stringify(problem, null, 2) + '\n');
}

function unknown(r) {
  return fail(r, 404, { detail: `There is nothing at ${r.variables.request_uri}.` });
}

// Choose among the variants of an address: the suffix beats ?format=, which beats Accept. A page for people is the same with any query.
function choose(r, root, found, isPage) {
  const variants = found.choices.variants;
  const path = found.choices.path;
  const rest = isPage ? '' : (r.variables.args || '').split('&').filter((each) => each && !/^format(=|$)/.test(each)).join('&');
  const where = (each) => `${path}.${each.suffix}${rest ? '?' : ''}${rest}`;
  const asked = found.suffix || first(r.args.format);
  let number;
  if (asked !== undefined) {
    number = variants.findIndex((each) => each.suffix === asked);
    if (number < 0) return unknown(r);
  } else {
    number = negotiate.format(field(r, 'Accept'), variants.map((each) => bare(each.type)));
    if (number < 0) {
      const told = variants.map((each) => ({ href: where(each), type: bare(each.type) }));
      const known = told.map((each) => each.type).join(', ');
      return fail(r, 406, {
        detail: `Nothing that is accepted can be written here; ask for one of ${known}.`,
        variants: told,
      });
    }
  }
  const variant = variants[number];
  if (found.suffix === null) r.variables.ldnkg_location = where(variant);
  r.variables.ldnkg_link = found.choices.links.concat(variant.links).join(', ');
  const vary = asked === undefined ? ['Accept'] : [];
  return send(r, root, `${found.choices.file}.${variant.suffix}`, variant.type, vary, facts.cache, false);
}

function serve(r) {
  try {
    return answer(r);
  } catch (fault) {  // a path that is not UTF-8
    return fail(r, 404, { detail: 'There is nothing at this address.' });
  }
}

function answer(r) {
  const root = r.variables.ldnkg_root;
  const path = r.uri.substring(facts.mount.length) || '/';
  if (r.args.release !== undefined) return fail(r, 404, { detail: facts.dated }, null);
  const given = first(r.args.page);
  if (given !== undefined && LIST.test(path) && !PAGE.test(given)) return unknown(r);
  const thing = path.startsWith('/id/') ? at(root, `/doc/${path.substring(4)}`, '') : null;
  const found = find(root, path, Number(given || 1));
  const file = single(root, path);
  const moved = leaves(path);
  if (!thing && !found && !file && !moved) return unknown(r);
  if (r.method === 'OPTIONS') {
    r.headersOut.Allow = METHODS;
    return r.return(200, '');
  }
  if (r.method !== 'GET' && r.method !== 'HEAD') {
    return fail(r, 405, { detail: facts.pages[path] || 'The method is not allowed for the requested URL.' });
  }
  if (moved && moved.status === 410) return fail(r, 410, moved.problem, moved.page);
  if (moved) return redirect(r, moved.status, moved.location, moved.cache);
  if (thing) return redirect(r, 303, thing.path, facts.kept);
  if (file) {
    r.variables.ldnkg_link = file.link;
    return send(r, root, `/${file.file}`, file.type, [], file.cache, file.ranges);
  }
  const refusal = facts.pages[path];
  const accept = field(r, 'Accept');
  const named = first(r.args.format);
  const liked = /text\/html/i.test(accept || '') || (r.args.query === undefined && negotiate.format(accept, ['text/html']) === 0);
  if (refusal !== undefined && !found.suffix && (named === undefined ? !liked : named !== 'html')) {
    return fail(r, 406, { detail: refusal, variants: [{ href: `${facts.mount}${path}.html`, type: 'text/html' }] });
  }
  return choose(r, root, found, refusal !== undefined);
}

export default { serve };
