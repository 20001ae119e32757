// Plays finished outputs to their end in headless Chromium and prints what was seen, one JSON document.
//
//   node play.mjs ROOT MANIFEST...
//
// ROOT is served on loopback; each MANIFEST is a path below it: .m3u8 is played with hls.js, .mpd with dash.js.
// {"abr/master.m3u8": {"duration", "ended", "width", "height", "audioTracks", "textTracks", "errors", "times"}, ...}
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join, normalize } from 'node:path';

import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
const players = {
  '/hls.js': require.resolve('hls.js/dist/hls.min.js'),
  '/dash.js': require.resolve('dashjs/dist/dash.all.min.js'),
};
const types = {
  '.m3u8': 'application/vnd.apple.mpegurl', '.mpd': 'application/dash+xml', '.mp4': 'video/mp4', '.m4s': 'video/iso.segment',
  '.vtt': 'text/vtt', '.html': 'text/html', '.js': 'text/javascript',
};
const page = `<!doctype html><title>player</title><video id="video" muted></video>
<script src="/hls.js"></script><script src="/dash.js"></script>
<script>
window.play = url => {
  const video = document.getElementById('video');
  const seen = window.seen = {errors: [], times: [], audioTracks: 0, textTracks: 0};
  video.addEventListener('timeupdate', () => seen.times.push(video.currentTime));
  video.addEventListener('error', () => seen.errors.push('video: ' + (video.error && video.error.message)));
  if (url.endsWith('.m3u8')) {
    const hls = new Hls();
    hls.on(Hls.Events.ERROR, (_, data) => { if (data.fatal) seen.errors.push('hls.js: ' + data.details); });
    hls.on(Hls.Events.AUDIO_TRACKS_UPDATED, (_, data) => { seen.audioTracks = data.audioTracks.length; });
    hls.on(Hls.Events.SUBTITLE_TRACKS_UPDATED, (_, data) => { seen.textTracks = data.subtitleTracks.length; });
    hls.loadSource(url);
    hls.attachMedia(video);
  } else {
    const player = dashjs.MediaPlayer().create();
    player.on('error', event => seen.errors.push('dash.js: ' + JSON.stringify(event.error)));
    player.on('streamInitialized', () => {
      seen.audioTracks = player.getTracksFor('audio').length;
      seen.textTracks = player.getTracksFor('text').length;
    });
    player.initialize(video, url, false);
  }
  video.playbackRate = 4;
  return video.play().catch(error => seen.errors.push('play: ' + error.message));
};
window.state = () => {
  const video = document.getElementById('video');
  return {...window.seen, duration: video.duration, ended: video.ended, width: video.videoWidth, height: video.videoHeight};
};
</script>`;

function serve(root) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    if (path === '/page.html') {
      response.writeHead(200, { 'Content-Type': 'text/html' });
      response.end(page);
      return;
    }
    if (players[path]) {
      response.writeHead(200, { 'Content-Type': 'text/javascript' });
      response.end(readFileSync(players[path]));
      return;
    }
    const file = join(root, normalize(path));
    let size;
    try {
      size = statSync(file).size;
    } catch {
      response.writeHead(404);
      response.end();
      return;
    }
    response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream', 'Content-Length': size });
    createReadStream(file).pipe(response);
  });
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function watch(browser, origin, manifest) {
  const tab = await browser.newPage();
  const complaints = [];
  tab.on('pageerror', error => complaints.push(`page: ${error.message}`));
  await tab.goto(`${origin}/page.html`);
  await tab.evaluate(url => { window.play(url); }, `/${manifest}`);
  const over = () => { const now = window.state(); return now.ended || now.errors.length > 0; };
  await tab.waitForFunction(over, undefined, { timeout: 120_000 }).catch(() => complaints.push('it did not come to its end'));
  const state = await tab.evaluate(() => window.state());
  await tab.close();
  return { ...state, errors: [...complaints, ...state.errors] };
}

const [root, ...manifests] = process.argv.slice(2);
const server = await serve(root);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'],
});
const seen = {};
for (const manifest of manifests) seen[manifest] = await watch(browser, `http://127.0.0.1:${server.address().port}`, manifest);
await browser.close();
server.close();
console.log(JSON.stringify(seen));
