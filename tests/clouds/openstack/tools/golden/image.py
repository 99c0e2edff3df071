"""glance: versions, pages of images, refusals."""


def capture(recorder):
    record = recorder.record
    record('image-versions', 'GET', 'image', '//')
    page = record('images-page', 'GET', 'image', '/v2/images?limit=2&sort=name:asc')
    record('images-page-2', 'GET', 'image', page['next'])
    record('images-by-name', 'GET', 'image', '/v2/images?name=ubuntu-24.04')
    record('images-none', 'GET', 'image', '/v2/images?name=nothing')
    image = recorder.get('image', '/v2/images?name=ubuntu-24.04')['images'][0]['id']
    private = recorder.get('image', '/v2/images?name=demo-private')['images'][0]['id']
    record('image', 'GET', 'image', f'/v2/images/{image}')
    new = record('image-create', 'POST', 'image', '/v2/images', {
        'name': 'golden', 'disk_format': 'raw', 'container_format': 'bare'})
    record('image-error-409', 'POST', 'image', '/v2/images', {
        'id': new['id'], 'name': 'golden', 'disk_format': 'raw', 'container_format': 'bare'})
    record('image-delete', 'DELETE', 'image', f'/v2/images/{new["id"]}')
    record('image-error-400', 'POST', 'image', '/v2/images', {'name': 'x', 'disk_format': 'floppy'})
    record('image-error-400-marker', 'GET', 'image', f'/v2/images?marker={new["id"]}')
    record('image-error-401', 'GET', 'image', '/v2/images', token='stale')
    record('image-error-403', 'DELETE', 'image', f'/v2/images/{image}')
    record('image-error-404', 'GET', 'image', f'/v2/images/{private}', who='other')
