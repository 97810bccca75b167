// Keeps a store in step with a mailbox by a library of npm. Reads a JSON job from standard input:
// {library: imapflow|node-imap, port, mode: none|starttls|implicit, ca, login, password, store}
// store/mail/FOLDER/UID is a message; store/facts gets whatever else the server said of messages.
'use strict';
const fs = require('fs');
const path = require('path');
const {createRequire} = require('module');

// The packages are installed in the build folder, beside a copy of package.json.
const load = createRequire(process.cwd() + '/');

class Store {
  constructor(folder) {
    this.folder = folder;
  }
  mailbox(name) {
    const folder = path.join(this.folder, 'mail', name);
    fs.mkdirSync(folder, {recursive: true});
    const uids = () => fs.readdirSync(folder).map(Number);
    return {
      last: Math.max(0, ...uids()),
      get: (uid) => fs.readFileSync(path.join(folder, String(uid))),
      put: (uid, content) => fs.writeFileSync(path.join(folder, String(uid)), content),
      keep: (left) => uids().filter((uid) => !left.includes(uid)).forEach((uid) => fs.unlinkSync(path.join(folder, String(uid)))),
    };
  }
  note(facts) {
    const text = (key, value) => (typeof value === 'bigint' ? value.toString() : value);  // MODSEQ
    fs.appendFileSync(path.join(this.folder, 'facts'), JSON.stringify(facts, text) + '\n');
  }
}

function check(condition, what) {
  if (!condition) throw new Error(what);
}

async function text(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

async function imapflow(job, store) {
  const {ImapFlow} = load('imapflow');
  const client = new ImapFlow({
    host: 'localhost', port: job.port, secure: job.mode === 'implicit', tls: {ca: fs.readFileSync(job.ca)},
    auth: {user: job.login, pass: job.password}, logger: false,
  });
  await client.connect();
  check(client.secureConnection === (job.mode !== 'none'), 'TLS is not as it should be');
  for (const {path: name, flags, status} of await client.list({statusQuery: {messages: true, uidNext: true, unseen: true}})) {
    store.note({name, status});
    if (flags.has('\\Noselect') || flags.has('\\NonExistent')) continue;
    const lock = await client.getMailboxLock(name, {readOnly: true});
    const {exists, uidNext} = client.mailbox;
    check(status.messages === exists && status.uidNext === uidNext, `STATUS and SELECT of ${name} differ`);
    const kept = store.mailbox(name);
    const facts = {uid: true, flags: true, envelope: true, bodyStructure: true, internalDate: true, size: true};
    for await (const message of client.fetch(`${kept.last + 1}:*`, {...facts, source: true, headers: true}, {uid: true})) {
      if (message.uid <= kept.last) continue;  // the last one is always in n:*
      check(message.size === message.source.length, `sizes of ${message.uid} differ`);
      check(message.source.indexOf(message.headers) === 0, `header of ${message.uid} differs`);
      kept.put(message.uid, message.source);
      store.note({...message, source: '', headers: message.headers.toString('latin1')});
    }
    // Sequence numbers, and whole messages in chunks, as mail programs download them.
    const uids = [];
    for await (const {uid} of client.fetch('1:*', {uid: true})) uids.push(uid);
    check(uids.length === exists, `${uids.length} messages of ${exists}`);
    const {content, meta} = await client.download(String(uids[1]), undefined, {uid: true, chunkSize: 50000});
    const whole = await text(content);
    const {source} = await client.fetchOne(String(uids[1]), {source: true}, {uid: true});
    check(whole.equals(source), `chunks of ${uids[1]} (${meta.expectedSize}) differ: ${whole.length} for ${source.length}`);
    const found = await client.search({all: true}, {uid: true});
    check(found.length === exists, `SEARCH finds ${found.length} of ${exists}`);
    kept.keep(found);
    lock.release();
  }
  await client.logout();
}

async function nodeImap(job, store) {
  const Imap = load('node-imap');
  const imap = new Imap({
    user: job.login, password: job.password, host: 'localhost', port: job.port, tls: job.mode === 'implicit',
    autotls: job.mode === 'starttls' ? 'required' : 'never', tlsOptions: {ca: fs.readFileSync(job.ca)},
  });
  const call = (name, ...words) => new Promise((resolve, reject) => {
    imap[name](...words, (error, result) => error ? reject(error) : resolve(result));
  });
  const failed = new Promise((_, reject) => imap.once('error', reject));
  failed.catch(() => {});
  await Promise.race([failed, new Promise((resolve) => imap.once('ready', resolve).connect())]);
  const names = [];
  const walk = (boxes, prefix) => Object.entries(boxes || {}).forEach(([name, box]) => {
    if (!box.attribs.includes('\\Noselect')) names.push(prefix + name);
    walk(box.children, prefix + name + box.delimiter);
  });
  walk(await call('getBoxes'), '');
  for (const name of names) {
    const box = await call('openBox', name, true);
    const kept = store.mailbox(name);
    const uids = [];
    // Twice by sequence numbers: whole messages, then whole and in halves at once.
    const fetched = async (bodies, each) => {
      const fetch = imap.seq.fetch(`1:${box.messages.total}`, {bodies, struct: true, envelope: true, size: true});
      const all = [];
      fetch.on('message', (message) => {
        const parts = {};
        // A literal of no bytes is a stream that it never ends.
        message.on('body', (stream, {which, size}) => parts[which] = size > 0 ? text(stream) : Buffer.alloc(0));
        message.once('attributes', (facts) => all.push([parts, facts]));
      });
      await new Promise((resolve, reject) => fetch.once('error', reject).once('end', resolve));
      for (const [parts, facts] of all) {
        for (const which in parts) parts[which] = await parts[which];
        each(parts, facts);
      }
    };
    await fetched([''], (parts, facts) => {
      uids.push(facts.uid);
      check(facts.size === parts[''].length, `size of ${facts.uid} differs`);
      kept.put(facts.uid, parts['']);
    });
    const fields = 'HEADER.FIELDS (FROM TO CC BCC SUBJECT DATE)';
    await fetched(['HEADER', 'TEXT', '', fields], (parts, facts) => {
      check(kept.get(facts.uid).equals(parts['']), `${facts.uid} differs from itself`);
      check(kept.get(facts.uid).equals(Buffer.concat([parts.HEADER, parts.TEXT])), `parts of ${facts.uid} differ`);
      store.note({facts, fields: parts[fields].toString('latin1')});
    });
    check(uids.length === box.messages.total, `${uids.length} messages of ${box.messages.total}`);
    const found = await call('search', ['ALL']);
    check(found.length === box.messages.total, `SEARCH finds ${found.length} of ${box.messages.total}`);
    kept.keep(found);
    await call('closeBox', false);
  }
  const ended = new Promise((resolve) => imap.once('end', resolve));
  imap.end();
  await ended;
}

const job = JSON.parse(fs.readFileSync(0));
({imapflow, 'node-imap': nodeImap})[job.library](job, new Store(job.store)).catch((error) => {
  console.error(error);
  process.exit(1);
});
