// Run by Gradio as the body of a function of (element, server, upload), once the panel is in the page. {{version}},
// {{modules}} and {{brand}} are filled in when the app is built.
const embedded = element.closest('gradio-app')?.getAttribute('src');
const root = new URL(embedded || window.gradio_config?.root || '.', location.href);
const origin = !embedded && root.hostname === location.hostname ? location.origin : root.origin;
const rootUrl = origin + root.pathname.replace(/\/+$/, '');
const modules = `${rootUrl}/static/pagelight/{{version}}`;
const spoken = (navigator.languages ?? []).map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => ['en', 'de', 'fr', 'es', 'it'].includes(tag)) ?? 'en';
for (const name of new Set([...{{modules}}, `texts/${spoken}.js`])) {
  const link = document.createElement('link');
  link.rel = 'modulepreload';
  link.href = `${modules}/${name}`;
  document.head.append(link);
}
import(`${modules}/main.js`)
  .then(({ start }) => start({ element, server, upload, rootUrl, brand: {{brand}} }))
  .catch((error) => {
    console.error(error);
    const said = {
      de: 'Pagelight antwortet nicht. Laden Sie diese Seite neu.',
      fr: 'Pagelight ne répond pas. Rechargez cette page.',
      es: 'Pagelight no responde. Vuelva a cargar esta página.',
      it: 'Pagelight non risponde. Ricarichi questa pagina.',
    };
    element.querySelector('.pl').textContent = said[(navigator.language ?? '').slice(0, 2)] ?? 'Pagelight does not answer. Load this page again.';
  });
