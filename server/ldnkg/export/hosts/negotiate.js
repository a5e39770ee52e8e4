// Choose a format and a content coding as RFC 9110 (section 12) says, just as the server does.

const MEMBER = /(?:"(?:\\.|[^"\\])*"?|[^,"])+/g;
const PARAMETER = /(?:"(?:\\.|[^"\\])*"?|[^;"])+/g;
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;
const RANGE = /^[!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+$/;
const QUALITY = /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/;
const LONGEST = 65536;

// The quality that a member of a list says; 1 where it says none, -1 where it is malformed.
function weight(parameters) {
  const found = (parameters.match(PARAMETER) || []).find((each) => /^\s*q\s*(=|$)/i.test(each));
  if (found === undefined) return 1;
  const value = found.substring(found.indexOf('=') + 1).trim();
  return found.indexOf('=') >= 0 && QUALITY.test(value) ? Number(value) : -1;
}

// Each member of a list that has this form, in lower case, with its quality; of equals the best.
function members(field, form) {
  const found = {};
  const whole = field.length <= LONGEST;
  const read = whole ? field : field.substring(0, field.lastIndexOf(',', LONGEST));
  (read.match(MEMBER) || []).forEach((member) => {
    const at = member.indexOf(';');
    const name = (at < 0 ? member : member.substring(0, at)).trim().toLowerCase();
    const quality = weight(at < 0 ? '' : member.substring(at + 1));
    if (form.test(name) && quality >= 0) found[name] = Math.max(quality, name in found ? found[name] : 0);
  });
  return found;
}

// The most specific range counts.
function quality(type, ranges) {
  const kind = type.substring(0, type.indexOf('/'));
  const range = [type, `${kind}/*`, '*/*'].find((each) => each in ranges);
  return range === undefined ? 0 : ranges[range];
}

// The number of the best of some media types, of equals the first; -1 when none is accepted.
function format(accept, types) {
  if (accept === undefined || !accept.trim()) return 0;
  const ranges = members(accept, RANGE);
  let best = -1;
  let most = 0;
  types.forEach((type, number) => {
    const here = quality(type, ranges);
    if (here > most) {
      most = here;
      best = number;
    }
  });
  return best;
}

// The best of some codings, '' for none of them, or null when not even the bare body is accepted.
function coding(field, tokens) {
  const accepted = members((field || '').replace(/x-gzip/g, 'gzip'), TOKEN);
  const said = (token, otherwise) => (token in accepted ? accepted[token] : otherwise);
  const wide = said('*', 0);
  let best = '';
  let most = 0;
  tokens.forEach((token) => {
    if (said(token, wide) > most) {
      most = said(token, wide);
      best = token;
    }
  });
  if (best && most >= said('identity', 0)) return best;
  return said('identity', said('*', 1)) ? '' : null;
}

export default { format, coding };
